// A match model: how likely each level is for one person, for strangers, and for relatives of one household.

import { z } from "zod";
import { LockgateError } from "#kernel/errors";

const likelihood = z.number().gt(0).max(1);
const cell = z.strictObject({
  m: likelihood.describe("share of pairs of records of one person"),
  u: likelihood.describe("share of pairs of strangers"),
  kin: likelihood.describe("share of pairs of relatives or others of one household"),
});
const table = z.record(z.string().max(40), cell);
const share = z.number().gt(0).max(1);

const modelShape = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  version: z.string().min(1).max(60),
  calibrated: z
    .boolean()
    .describe("weights were held against known truth of the data matched: only then is there a probability"),
  expectedMatches: z.number().gt(0).describe("other records of a person among those matched against, on average"),
  kinPerPerson: z.number().gt(0).describe("relatives and others of one's household among them, on average"),
  thresholds: z
    .strictObject({
      auto: z.number().describe("weight from which a pair is linked without a person"),
      review: z.number().describe("weight from which a pair is possible"),
    })
    .refine(({ auto, review }) => review <= auto, { error: "review lies above auto" }),
  leastShare: share.describe("no value counts as rarer"),
  averageShares: z.strictObject({ given: share, family: share, town: share }),
  comparisons: z.strictObject({
    name: table,
    birthDate: table,
    gender: table,
    household: table,
    nhsNumber: table,
    email: table,
  }),
  extra: z.strictObject({ identifier: table, text: table, category: table }),
  columns: z.record(z.string(), table).describe("extra columns that were trained, by name"),
});

/**
 * A model. Levels are those of `Levels`; cells of a joint comparison are `part/part`. Shares add up to 1 over the levels that
 * have the same parts missing; a level that is wholly missing has no cell and weighs nothing.
 */
export type Model = z.output<typeof modelShape>;

/** Likelihoods of each level of one comparison. */
export type LevelTable = z.output<typeof table>;

/** Reads a model. @throws RULES_INVALID at the first thing that is wrong */
export function readModel(jsonText: string): Model {
  let content: unknown;
  try {
    content = JSON.parse(jsonText);
  } catch {
    throw new LockgateError("RULES_INVALID", { at: "the model", reason: "not JSON" });
  }
  const result = modelShape.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new LockgateError("RULES_INVALID", { at: issue.path.join(".") || "the model", reason: issue.message });
}
