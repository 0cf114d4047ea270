// HL7 FHIR R4 Patient/$match: who may this be, as a searchset with a score and a grade for each candidate.

import { z } from "zod";
import type { MatchCandidate, MatchVerdict, PersonMatching } from "#canonical/contracts";
import { matchCodes } from "./codes.ts";
import { personOfPatient } from "./match-patient.ts";

/** A FHIR resource, as JSON. */
export type Resource = { readonly resourceType: string } & Readonly<Record<string, unknown>>;

/** What the operation answers: HTTP status, and a Bundle or an OperationOutcome. */
export type MatchAnswer = { readonly status: 200 | 400 | 422; readonly resource: Resource };

/** What the operation needs. */
export type MatchOperationOptions = {
  readonly matching: Pick<PersonMatching, "match">;
  /** Patient resources of persons, masked for whoever asks; whoever may not be seen is left out. */
  readonly read: (personIds: readonly string[]) => Promise<ReadonlyMap<string, Resource>>;
};

/** Extension of `search` (http://hl7.org/fhir/StructureDefinition/match-grade). */
const MATCH_GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade";
export type MatchGrade = "certain" | "probable" | "possible" | "certainly-not";

const MOST_CANDIDATES = 10;
const vetoes: ReadonlySet<string> = new Set(["MT-210", "MT-211", "MT-212"]);
/** What looks like two people of one family is at most possible, whatever it weighs. */
const patterns: ReadonlySet<string> = new Set(["MT-203", "MT-204", ...vetoes]);

const parameter = z.looseObject({
  name: z.string(),
  resource: z.looseObject({ resourceType: z.string() }).optional(),
  valueBoolean: z.boolean().optional(),
  valueInteger: z.number().int().min(1).optional(),
});
const parametersShape = z.looseObject({
  resourceType: z.literal("Parameters"),
  parameter: z.array(parameter).max(20),
});

/**
 * Answers a `Parameters` resource with `resource` (Patient), `onlyCertainMatches` and `count`.
 *
 * - `certain`: it would be linked without a person. `probable`: as heavy as that, but a person would be asked.
 *   `possible`: a person would be asked. `certainly-not`: a veto; left out unless `withVetoed`.
 * - The score is the probability of a calibrated model, else a monotone image of the weight that is no probability:
 *   `1 / (1 + 2^(-(weight - middle) / 4))`, `middle` half-way between the thresholds; 0 where a veto stands.
 * - With `onlyCertainMatches`: at most one, and only a certain one.
 *
 * The answer is of status 400 where the input is not of that form, 422 where it tells too little to look for anybody.
 */
export async function matchOperation(
  { matching, read }: MatchOperationOptions,
  body: unknown,
  { withVetoed = false }: { readonly withVetoed?: boolean } = {},
): Promise<MatchAnswer> {
  const parsed = parametersShape.safeParse(body);
  if (!parsed.success) return refused(400, "structure", `Not a Parameters resource of $match: ${pathOf(parsed.error)}`);
  const named = (name: string) => parsed.data.parameter.find((one) => one.name === name);
  const patient = named("resource")?.resource;
  if (patient?.resourceType !== "Patient")
    return refused(400, "required", "There is no parameter `resource` with a Patient");
  const fields = personOfPatient(patient);
  if (!fields.ok) return refused(400, "structure", `Not a Patient: ${fields.at}`);
  const verdict = await matching.match(fields.changes);
  if (verdict.code === "MT-302") return refused(422, "required", matchCodes["MT-302"], "MT-302");
  const onlyCertain = named("onlyCertainMatches")?.valueBoolean ?? false;
  const count = Math.min(named("count")?.valueInteger ?? MOST_CANDIDATES, onlyCertain ? 1 : MOST_CANDIDATES);
  const graded = verdict.candidates
    .flatMap((candidate) => {
      const grade = gradeOf(candidate, verdict);
      return grade === undefined ? [] : [{ id: candidate.personId, grade, score: scoreOf(candidate, grade, verdict) }];
    })
    .filter(({ grade }) => (onlyCertain ? grade === "certain" : withVetoed || grade !== "certainly-not"))
    .toSorted((a, b) => b.score - a.score);
  const resources = graded.length === 0 ? new Map<string, Resource>() : await read(graded.map(({ id }) => id));
  const seen = graded.filter(({ id }) => resources.has(id)).slice(0, count);
  return {
    status: 200,
    resource: {
      resourceType: "Bundle",
      type: "searchset",
      total: seen.length,
      entry: seen.map(({ id, grade, score }) => ({
        fullUrl: `urn:uuid:${id}`,
        resource: withoutWhereabouts(resources.get(id)!),
        search: { extension: [{ url: MATCH_GRADE, valueCode: grade }], mode: "match", score },
      })),
    },
  };
}

/** The grade of a candidate; undefined for one that is nobody's guess. */
function gradeOf(candidate: MatchCandidate, { link, thresholds }: MatchVerdict): MatchGrade | undefined {
  const { personId, decision, code, weight } = candidate;
  if (personId === link) return "certain";
  if (decision === "none") return vetoes.has(code) ? "certainly-not" : undefined;
  return weight >= thresholds.auto && !patterns.has(code) ? "probable" : "possible";
}

function scoreOf({ weight, probability }: MatchCandidate, grade: MatchGrade, { thresholds }: MatchVerdict): number {
  if (grade === "certainly-not") return 0;
  const middle = (thresholds.auto + thresholds.review) / 2;
  const score = probability ?? 1 / (1 + 2 ** (-(weight - middle) / 4));
  return Math.round(score * 1e6) / 1e6;
}

/** Confidentiality codes (HL7 v3-Confidentiality) of which whereabouts are never told, whatever the caller left in. */
const RESTRICTED: ReadonlySet<unknown> = new Set(["R", "V"]);

function withoutWhereabouts(patient: Resource): Resource {
  const { security } = (patient.meta ?? {}) as { readonly security?: readonly { readonly code?: unknown }[] };
  if (!security?.some(({ code }) => RESTRICTED.has(code))) return patient;
  const { address: _address, telecom: _telecom, contact: _contact, generalPractitioner: _practice, ...rest } = patient;
  return rest;
}

const pathOf = (error: z.ZodError): string => error.issues[0]!.path.join(".") || "the body";

const refused = (status: 400 | 422, code: string, diagnostics: string, reason?: string): MatchAnswer => ({
  status,
  resource: {
    resourceType: "OperationOutcome",
    issue: [
      {
        severity: "error",
        code,
        ...(reason ? { details: { coding: [{ system: "urn:lockgate:reason-code", code: reason }] } } : {}),
        diagnostics,
      },
    ],
  },
});
