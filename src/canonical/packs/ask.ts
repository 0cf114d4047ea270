// What people are asked: one question for all that needs one, as strict as the strictest part of it.

import { type Approval, criticalities, type Pack, type Risk, risks } from "./pack-schema.ts";
import type { Ask, DecidedField, Decision } from "./types.ts";

const HOUR_MS = 3_600_000;

/** One part of a question: a field, or the person as a whole. */
type Part = Pick<Ask, "kind" | "reason"> & { readonly risk: Risk; readonly approval: Approval };

/** The question about what is decided; `null`: nobody need be asked. */
export function askFor({ approvals }: Pack, person: Decision["person"], decided: readonly DecidedField[]): Ask | null {
  const asked = decided.flatMap(({ field, verdict, risk, code }) =>
    verdict === "approve" || verdict === "steward"
      ? [{ field, kind: verdict, risk, reason: code, approval: approvals[verdict][risk] }]
      : [],
  );
  // Whose record it is, is as grave as an identity whatever the fields are.
  const whole: Part[] =
    person.verdict === "steward"
      ? [{ kind: "steward", risk: "high", reason: person.code ?? "RC-401", approval: approvals.steward.high }]
      : [];
  const parts = [...whole, ...asked];
  return parts.length === 0
    ? null
    : strictest(
        parts,
        asked.map(({ field }) => field),
      );
}

/** The question whether two records are one person. */
export const askToMerge = ({ merge }: Pack, reason: Ask["reason"]): Ask =>
  strictest([{ kind: "approve", risk: "grave", reason, approval: merge }], []);

function strictest(parts: readonly Part[], fields: Ask["fields"]): Ask {
  // A steward's part leads, then the graver one; of equals the first.
  const leading = parts.toSorted(
    (a, b) =>
      Number(b.kind === "steward") - Number(a.kind === "steward") || risks.indexOf(b.risk) - risks.indexOf(a.risk),
  )[0]!;
  const all = parts.map(({ approval }) => approval);
  return {
    kind: leading.kind,
    queue: leading.approval.queue,
    domain: leading.approval.domain,
    roles: rolesFor(parts),
    quorum: Math.max(...all.map(({ quorum }) => quorum)),
    criticality: criticalities[Math.min(...all.map(({ criticality }) => criticalities.indexOf(criticality)))]!,
    dueMs: Math.min(...all.map(({ dueHours }) => dueHours)) * HOUR_MS,
    expiresMs: Math.min(...all.map(({ expiresHours }) => expiresHours)) * HOUR_MS,
    reason: leading.reason,
    fields,
  };
}

/** Roles that may decide every part; where there is none, those of the gravest part. */
function rolesFor(parts: readonly Part[]): string[] {
  const gravest = parts.toSorted((a, b) => risks.indexOf(b.risk) - risks.indexOf(a.risk))[0]!.approval.roles;
  const shared = gravest.filter((role) => parts.every(({ approval }) => approval.roles.includes(role)));
  return shared.length > 0 ? shared : gravest;
}
