// The rule pack of matching: which steps are taken, by how much a leader has to lead, and what is reviewed again.

import { parse } from "yaml";
import { z } from "zod";
import { LockgateError } from "#kernel/errors";

const rulesShape = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  version: z.string().min(1).max(60),
  steps: z.strictObject({
    crossCheck: z.boolean().describe("MT-100 to MT-102: NHS number and birth date"),
    alphanumeric: z.boolean().describe("MT-110: everything told agrees, of one candidate"),
    probabilistic: z.boolean().describe("MT-130: the weight"),
  }),
  patterns: z.strictObject({
    twins: z.boolean().describe("MT-203: leave what may be twins to a steward"),
    sameName: z.boolean().describe("MT-204: leave what may be parent and child of one name to a steward"),
  }),
  leaderAdvantage: z.number().min(0).max(60).describe("bits by which the best candidate has to lead"),
  needsTrace: z.boolean().describe("MT-302: birth date and two of name, gender, postcode and NHS number are needed"),
  secondReview: z.strictObject({
    share: z.number().min(0).max(1).describe("of links and of stewards' decisions, decided again blindly"),
  }),
});

/** The rules of one pack. The vetoes MT-210 to MT-212 are in every pack. */
export type MatchRules = z.output<typeof rulesShape>;

/** Reads a pack. @throws RULES_INVALID at the first thing that is wrong */
export function readMatchRules(yamlText: string): MatchRules {
  const result = rulesShape.safeParse(readYaml(yamlText));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new LockgateError("RULES_INVALID", { at: issue.path.join(".") || "the pack", reason: issue.message });
}

function readYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    throw new LockgateError("RULES_INVALID", { at: "the pack", reason: "not YAML" });
  }
}
