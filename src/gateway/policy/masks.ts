// Field masks as data: which fields of which type leave the platform, whole or masked, and for whom.

import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { z } from "zod";
import { LockgateError } from "#kernel/errors";
import { actionNames, purposes } from "./actions.ts";
import { roles } from "./roles.ts";

/** Types of objects that leave the platform; any other leaves nothing. */
export const shownTypes = [
  "person",
  "change",
  "journey",
  "message",
  "deadletter",
  "resubmission",
  "replay",
  "replayItem",
  "workItem",
  "workGroup",
  "workGroupItem",
  "personMatch",
  "auditLeaf",
  "watch",
  "colleague",
  "saga",
  "trial",
] as const;
export type ShownType = (typeof shownTypes)[number];

const some = <const Names extends readonly string[]>(names: Names) => z.array(z.enum(names)).min(1).optional();

/** Everything that is named must hold; nothing named: everybody. */
const audienceLine = z.strictObject({
  roles: some(roles),
  scopes: some(actionNames),
  purposes: some(purposes),
  actions: some(actionNames),
});
export type AudienceLine = z.output<typeof audienceLine>;

/** Names joined by dots; `[]` behind a name: each of a list; `*` at the end: whatever the names are. */
const PATH = /^(?!(.*\.)?__proto__\b)[a-zA-Z]\w*(\[\])?(\.[a-zA-Z]\w*(\[\])?)*(\.\*)?$/;

const ruleShape = z.strictObject({
  fields: z.array(z.string().regex(PATH, "is not a path such as `a.b` or `list[].c`")).min(1),
  visible: z.array(z.string()).default([]),
  masked: z.array(z.string()).default([]),
  /** What a mask leaves: nothing, the last three characters of a long text, the year of a date. */
  as: z.enum(["dots", "last-three", "year"]).default("dots"),
  /** They tell where somebody is: always, or where the `field` beside them is one that does. */
  whereabouts: z.enum(["always", "by-field"]).optional(),
});
export type MaskRule = z.output<typeof ruleShape>;
export type MaskedAs = MaskRule["as"];

const masksShape = z
  .strictObject({
    audiences: z.record(z.string().regex(/^[a-z]+(-[a-z]+)*$/), z.array(audienceLine).min(1)),
    types: z.strictObject(
      Object.fromEntries(shownTypes.map((type) => [type, z.array(ruleShape).min(1)])) as Record<
        ShownType,
        z.ZodArray<typeof ruleShape>
      >,
    ),
  })
  .superRefine(({ audiences, types }, context) => {
    const complain = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    for (const [type, rules] of Object.entries(types)) {
      for (const name of rules.flatMap(({ visible, masked }) => [...visible, ...masked]))
        if (!Object.hasOwn(audiences, name)) complain(type, `there is no audience ${name}`);
      const paths = rules.flatMap(({ fields }) => fields);
      for (const [index, path] of paths.entries()) {
        if (paths.indexOf(path) < index) complain(type, `${path} is named twice`);
        const within = paths.find((other) => path.startsWith(`${other}.`) || path.startsWith(`${other}[`));
        if (within !== undefined) complain(type, `${path} lies within ${within}`);
      }
    }
  });

/** Who sees what. */
export type Masks = z.output<typeof masksShape>;

/** Reads the masks. @throws POLICY_INVALID at the first thing that is wrong, with the reason in one line */
export function readMasks(file: string): Masks {
  const result = masksShape.safeParse(readYaml(file));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new LockgateError("POLICY_INVALID", { at: `masks, ${issue.path.join(".")}`, reason: issue.message });
}

function readYaml(file: string): unknown {
  try {
    const document = parseDocument(readFileSync(file, "utf8"));
    const [error] = [...document.errors, ...document.warnings];
    if (error) throw error;
    return document.toJS();
  } catch (cause) {
    throw new LockgateError("POLICY_INVALID", { at: file, reason: "cannot be read as YAML", cause });
  }
}
