// What a rule pack may say, and what it may never allow.

import { z } from "zod";
import { whereabouts } from "#canonical/model";
import { byTwoPeople, neverByItself, type PackField, packFields } from "./fields.ts";

/** How much harm a wrong value does; the last is the gravest. */
export const risks = ["low", "medium", "high", "grave"] as const;
export type Risk = (typeof risks)[number];

/** What the national service says of a value: the same, something else, nothing of this field, or it was not found. */
export const stances = ["agrees", "differs", "silent", "unknown"] as const;
export type Stance = (typeof stances)[number];

/** Whose word counts. */
export type Authority = "local" | "national";

/** What is done with a value: written at once, written once approved, left to a steward, or never written. */
export const verdicts = ["apply", "approve", "steward", "refuse"] as const;
export type Verdict = (typeof verdicts)[number];

/** How much the business hangs on an answer; the first is the most pressing. */
export const criticalities = ["critical", "high", "normal", "low"] as const;

const label = z
  .string()
  .max(60)
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/, { error: "letters, digits, dots, hyphens and underscores, 60 at most" });
const word = z.string().min(1).max(100);
const hours = z
  .number()
  .positive()
  .max(24 * 366);
const verdict = z.enum(verdicts);

/** One verdict, or one for each authority; always one for each once read. */
const cell = z
  .union([verdict, z.strictObject({ local: verdict, national: verdict })], {
    error: "one of apply, approve, steward, refuse, or one of them each for local and national",
  })
  .transform(
    (said): Readonly<Record<Authority, Verdict>> => (typeof said === "string" ? { local: said, national: said } : said),
  );

const approval = z
  .strictObject({
    queue: word.describe("the work queue that the question waits in"),
    domain: word.describe("whose business it is"),
    roles: z.array(word).min(1).max(20).describe("roles of which a decider needs one"),
    quorum: z.number().int().min(1).max(9).describe("how many different people must approve"),
    criticality: z.enum(criticalities).describe("how pressing it is"),
    dueHours: hours.describe("hours until it is late"),
    expiresHours: hours.describe("hours until it is closed as expired, and nothing is written"),
  })
  .refine(({ dueHours, expiresHours }) => dueHours <= expiresHours, {
    error: "expires before it is due",
    path: ["expiresHours"],
  });

const eachRisk = <Of extends z.ZodType>(of: Of) => z.record(z.enum(risks), of);
const form = z.enum(["folded", "exact"]);
const newcomer = z.enum(["apply", "steward"]);

const packShape = z.strictObject({
  name: z
    .string()
    .max(60)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: "small letters, digits and hyphens, 60 at most" })
    .describe("what the pack goes by; one of each name is in force"),
  version: label.describe("label of this content; never used again for other content"),
  normalisation: z
    .strictObject({ names: form, addresses: form, phones: form })
    .describe("what counts as the same value: folded (case, accents, abbreviations) or exact"),
  fields: z
    .record(
      z.enum(packFields as [PackField, ...PackField[]]),
      z.strictObject({
        risk: z.enum(risks),
        authority: z.enum(["local", "national"]),
        sources: z
          .array(word)
          .min(1)
          .max(50)
          .optional()
          .describe("where two records become one: whose value is held, the first before the second; else the newest"),
      }),
    )
    .describe("of every field its risk, whose word counts, and which sources come first where two records become one"),
  rules: eachRisk(z.record(z.enum(stances), cell)).describe(
    "what is done, by risk and by what the national service says",
  ),
  fill: z
    .enum(["apply", "change"])
    .describe("a first value that the national service agrees with: apply, or a change like any"),
  respelling: z.enum(["apply", "change"]).describe("the same value written otherwise: apply, or a change like any"),
  approvals: z
    .strictObject({ approve: eachRisk(approval), steward: eachRisk(approval) })
    .describe("how an approver or a steward is asked, by risk"),
  merge: approval.describe("how people are asked whether two records are one person"),
  newPerson: z
    .strictObject({
      found: newcomer,
      none: newcomer,
      several: newcomer,
      insufficient: newcomer,
      unasked: newcomer,
      nationallyDeceased: z.literal("steward"),
    })
    .describe("a person whom the ERP does not hold, by what the national service says of the person"),
  superseded: z
    .enum(["approve", "steward"])
    .describe("the NHS number was replaced by another: who agrees to the new one"),
  conflict: z
    .literal("steward")
    .describe("the number belongs to other demographics: nothing is written, a steward looks"),
  invalidated: z.literal("steward").describe("the national record was withdrawn: nothing is written, a steward looks"),
  restricted: z
    .strictObject({ write: z.array(z.enum(packFields as [PackField, ...PackField[]])) })
    .describe("what may be written of a person whose whereabouts are withheld; never the whereabouts"),
});

type Shape = z.output<typeof packShape>;
type Report = (path: (string | number)[], message: string) => void;

/** The YAML of a pack, as strict as its meaning: what must never be allowed is refused here, whoever wrote it. */
export const packSchema = packShape.superRefine((pack, context) => {
  const report: Report = (path, message) => void context.addIssue({ code: "custom", path, message });
  keepIdentity(pack, report);
  keepQuorums(pack, report);
  pack.restricted.write.forEach((field, index) => {
    if (whereabouts.has(field)) report(["restricted", "write", index], `${field} tells where a restricted person is`);
  });
});

function keepIdentity({ fields, rules }: Shape, report: Report): void {
  for (const field of neverByItself) {
    const { risk, authority } = fields[field];
    for (const stance of stances) {
      if (rules[risk][stance][authority] === "apply")
        report(["rules", risk, stance], `${field} is never written without a person`);
    }
  }
}

function keepQuorums({ fields, approvals, merge }: Shape, report: Report): void {
  for (const field of byTwoPeople) {
    const { risk } = fields[field];
    for (const kind of ["approve", "steward"] as const) {
      if (approvals[kind][risk].quorum < 2)
        report(["approvals", kind, risk, "quorum"], `${field} needs two people at least`);
    }
  }
  if (merge.quorum < 2) report(["merge", "quorum"], "a merge needs two people at least");
}

/** How people are asked. */
export type Approval = z.output<typeof approval>;

/** A rule pack as read. */
export type Pack = Shape & {
  /** SHA-256 of the content in hexadecimal: comments, order and white space do not count. */
  readonly digest: string;
};
