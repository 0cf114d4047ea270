// The comparison: what the ERP holds, what is proposed and what the national service tells, field by field.

import type { NationalRecord } from "#canonical/contracts";
import { whereabouts } from "#canonical/model";
import { hasValidCheckDigit } from "#canonical/rules";
import type { ComparisonCode } from "./codes.ts";
import { type PackField, packFields } from "./fields.ts";
import { codeOf, knownHere, stanceOnPerson, statusAfter } from "./judge-person.ts";
import type { Pack, Stance } from "./pack-schema.ts";
import { heldValue, isRespelt, isSame, stanceOn, type Value } from "./same-value.ts";
import type { ChangeKind, ComparedField, Comparison, DecisionInput, PersonStance } from "./types.ts";

/** What is the same for every field of one comparison. */
type Ground = {
  readonly input: DecisionInput;
  readonly pack: Pack;
  readonly person: PersonStance;
  readonly restricted: boolean;
  /** The national record where it is, or may be, the person's. */
  readonly record: NationalRecord | undefined;
};

/** Compares the three sides under a pack's normalisation and authorities. Pure, and never changes what it is given. */
export function compareSources({ pack, ...input }: DecisionInput & { readonly pack: Pack }): Comparison {
  const { erp, national } = input;
  const person = stanceOnPerson(input);
  const found = national.outcome === "found" ? national.record : undefined;
  const isTheirs = person === "found" || person === "superseded" || person === "conflict";
  const restricted = input.restricted === true || found?.restricted === true;
  const ground: Ground = { input, pack, person, restricted, record: isTheirs ? found : undefined };
  return {
    isNew: erp === null,
    restricted,
    person: { stance: person, code: codeOf(person) },
    nhsNumberStatus: statusAfter(person, input),
    isDeathNews: toldOf(ground, "deceased") === true && knownHere(input, "deceased") !== true,
    moved: input.moved ?? [],
    duplicate: input.duplicate === true,
    fields: packFields.flatMap((field) => compareField(ground, field) ?? []),
  };
}

/** What the national service tells of a field; `undefined`: nothing, or nothing that may be looked at. */
function toldOf({ record, restricted }: Ground, field: PackField): Value | undefined {
  if (!record || (restricted && whereabouts.has(field))) return undefined;
  if (field === "nhsNumber") return record.nhsNumber;
  if (field === "deceased" && (record.death || record.fields.deathDate)) return true;
  const told = record.fields[field];
  return told === null || told === "" || (field === "gender" && told === "unknown") ? undefined : told;
}

type Proposal = { readonly value: Value; readonly by: "local" | "national" };

function proposalOf({ input, pack, person }: Ground, field: PackField, current: Value, told: Value | undefined) {
  const said = input.proposed[field];
  const local: Proposal | undefined = said === undefined ? undefined : { value: heldValue(said), by: "local" };
  if (told === undefined || (person !== "found" && person !== "superseded")) return local;
  const national: Proposal = { value: told, by: "national" };
  if (field === "nhsNumber" && person === "superseded") return said === null ? local : national;
  // A number that cannot be one gives way to the one that was found.
  if (field === "nhsNumber" && typeof said === "string" && !hasValidCheckDigit(said)) return national;
  const isNationals = pack.fields[field].authority === "national" || field === "nhsNumber";
  return (
    local ?? (isNationals && stanceOn(field, current, told, pack.normalisation) === "differs" ? national : undefined)
  );
}

function compareField(ground: Ground, field: PackField): ComparedField | undefined {
  const { input, pack, restricted, record } = ground;
  const current = heldValue(input.erp?.[field]);
  const told = toldOf(ground, field);
  const proposal = proposalOf(ground, field, current, told);
  const value = proposal ? proposal.value : current;
  const stance: Stance = record ? stanceOn(field, value, told, pack.normalisation) : "unknown";
  if (!proposal && stance !== "differs") return undefined;
  const change = proposal ? changeOf(field, current, proposal.value, pack) : "none";
  if (restricted && whereabouts.has(field))
    return { field, current: null, change, code: "MT-310", stance, withheld: true };
  return {
    field,
    current,
    ...(proposal ? { proposed: proposal.value, by: proposal.by } : {}),
    ...(told === undefined ? {} : { national: told }),
    change,
    code: codeFor(ground, field, { current, change, stance, told }),
    stance,
    withheld: false,
  };
}

function changeOf(field: PackField, current: Value, proposed: Value, { normalisation }: Pack): ChangeKind {
  if (isSame(field, current, proposed)) return "none";
  if (current === null) return "fill";
  if (proposed === null) return "remove";
  return isRespelt(field, current, proposed, normalisation) ? "respelling" : "replace";
}

type Sighting = Pick<ComparedField, "current" | "change" | "stance"> & { readonly told: Value | undefined };

function codeFor(ground: Ground, field: PackField, { current, change, stance, told }: Sighting): ComparisonCode {
  const ofNumber = field === "nhsNumber" ? codeOfNumber(ground) : undefined;
  if (ofNumber) return ofNumber;
  if (change === "none" && stance !== "differs") return ground.record && told === undefined ? "RC-403" : "RC-400";
  if (current === null) return "RC-402";
  return ground.record && told === undefined ? "RC-403" : "RC-401";
}

function codeOfNumber({ input, person }: Ground): ComparisonCode | undefined {
  const number = knownHere(input, "nhsNumber");
  if (input.duplicate) return "DQ-NHS-011";
  if (person === "superseded") return "RC-406";
  if (number !== null && !hasValidCheckDigit(`${number}`)) return "RC-404";
  return person === "none" && number !== null ? "RC-405" : undefined;
}
