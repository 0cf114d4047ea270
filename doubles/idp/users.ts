// The people of the demonstration: invented, each with the roles that one task needs.

import { z } from "zod";

const userSchema = z.strictObject({
  /** Also the subject of the user's tokens. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  name: z.string().min(1),
  roles: z.array(z.string()),
  /** How sure the sign-in is. */
  acr: z.enum(["password", "second-factor"]).default("second-factor"),
});

/** Somebody who can sign in. */
export type User = z.output<typeof userSchema>;
/** A user as the desk is given one. */
export type UserInput = z.input<typeof userSchema>;

/** Users from a request's body; throws ZodError. */
export const usersFrom = (body: unknown): User[] => z.array(userSchema).parse([body].flat());

/** Everybody of a fresh start. */
export const demoUsers: readonly User[] = usersFrom([
  { id: "jane", name: "Jane Approver", roles: ["approver"] },
  { id: "sam", name: "Sam Second", roles: ["second-approver"] },
  { id: "stella", name: "Stella Steward", roles: ["steward"] },
  { id: "steve", name: "Steve Steward", roles: ["steward"] },
  { id: "olive", name: "Olive Operator", roles: ["operator", "integration-engineer"] },
  { id: "ivan", name: "Ivan Integration", roles: ["integration-engineer"] },
  { id: "fiona", name: "Fiona Finance", roles: ["finance"] },
  { id: "wes", name: "Wes Workforce", roles: ["workforce"] },
  { id: "sue", name: "Sue Supply", roles: ["supply"] },
  { id: "ada", name: "Ada Auditor", roles: ["auditor"] },
  { id: "cleo", name: "Cleo Safety", roles: ["clinical-safety-officer"] },
  { id: "max", name: "Max Administrator", roles: ["administrator"] },
]);
