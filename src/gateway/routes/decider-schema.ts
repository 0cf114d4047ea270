// How a request names the person for whom the operator acts; the same on every route where a person decides.

/** With white space around it, one name would be two persons to a quorum; with control characters, it would steer terminals. */
export const personName = { type: "string", maxLength: 100, pattern: "^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$" };

/** Schema of `as`: the decider's name and roles. */
export const deciderSchema = {
  type: "object",
  additionalProperties: false,
  required: ["name", "roles"],
  properties: { name: personName, roles: { type: "array", maxItems: 50, items: personName } },
};
