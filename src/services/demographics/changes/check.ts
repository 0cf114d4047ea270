// A proposed change held to the rules of every source: the statement that it makes, or what is wrong with it.

import { isNhsAuthority } from "#canonical/maps";
import type { PersonField, PersonTexts, PersonUpdate } from "#canonical/model";
import { checkPerson, dateInLondon, type Environment } from "#canonical/rules";
import type { ChangeFault, ProposedChange } from "./types.ts";

/** The HL7 event that says what a proposal says: a person's data have changed. */
const EVENT = "A31";
/** Clocks differ; a later time would outrank all that is said until then. */
const MOST_AHEAD_MS = 300_000;

/** An address is one thing: a new street beside the old postcode would be an address nobody gave. */
const addressParts = ["addressLine1", "addressLine2", "town", "county", "postcode", "country"] as const;
const addressHeads = ["addressLine1", "addressLine2", "town", "postcode"] as const;

/** `by`: who proposes it; whoever that is does not decide on it. */
export type CheckContext = { readonly environment: Environment; readonly nowMs: number; readonly by: string };

/** The statement with what is noted of it, or the faults: one is enough, and nothing of it is taken. */
export type CheckedChange =
  | { readonly update: PersonUpdate; readonly notes: readonly ChangeFault[] }
  | { readonly faults: readonly ChangeFault[] };

/** Checks a proposal. A value that a wire's message would lose is refused here: whoever asks is there to mend it. */
export function checkChange(change: ProposedChange, { environment, nowMs, by }: CheckContext): CheckedChange {
  const eventMs = Date.parse(change.eventAt);
  const eventAt = new Date(eventMs).toISOString();
  const texts = textsOf(change);
  const { fields, raw, findings } = checkPerson(
    { event: EVENT, eventAt, texts },
    { environment, today: dateInLondon(new Date(nowMs)) },
  );
  const said = findings.filter(({ field }) => typeof texts[field as PersonField] === "string");
  const isTaken = (field: string): boolean => fields[field as PersonField] !== undefined;
  const faults: ChangeFault[] = [
    ...(eventMs > nowMs + MOST_AHEAD_MS ? [{ at: "eventAt", code: "REQUEST_INVALID" as const }] : []),
    ...whoFaults(change),
    ...said
      .filter(({ field, severity }) => severity === "reject" || !isTaken(field))
      .map(({ field, code }) => ({ at: pathOf(field), code })),
  ];
  if (faults.length > 0) return { faults };
  const notes = said.map(({ field, code }) => ({ at: pathOf(field), code }));
  const { identifiers, reason: comment } = change;
  return { update: { event: EVENT, eventAt, source: by, identifiers, fields, raw, findings: said, comment }, notes };
}

const pathOf = (field: string): string => (field === "nhsNumber" ? field : `fields.${field}`);

/** Somebody must be named, and an NHS number is no hospital's own. */
function whoFaults({ identifiers, nhsNumber }: ProposedChange): ChangeFault[] {
  if (identifiers.length === 0 && nhsNumber === undefined) return [{ at: "identifiers", code: "PERSON_NO_IDENTIFIER" }];
  return identifiers.flatMap(({ system }, index): ChangeFault[] =>
    isNhsAuthority(system) ? [{ at: `identifiers.${index}.system`, code: "REQUEST_INVALID" }] : [],
  );
}

function textsOf({ fields, nhsNumber }: ProposedChange): PersonTexts {
  const told = Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [field, typeof value === "boolean" ? String(value) : value]),
  ) as PersonTexts;
  const isWhole = addressHeads.some((part) => typeof told[part] === "string");
  const removed = isWhole ? Object.fromEntries(addressParts.map((part) => [part, told[part] ?? null])) : {};
  return { ...told, ...removed, ...(nhsNumber === undefined ? {} : { nhsNumber }) };
}
