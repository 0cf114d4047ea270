// Whether the national service's record is the person's at all, and what follows for the NHS number's status.

import type { NationalRecord } from "#canonical/contracts";
import type { NhsNumberStatus, PersonField } from "#canonical/model";
import { compareFamilyName, compareName, hasValidCheckDigit } from "#canonical/rules";
import type { ComparisonCode } from "./codes.ts";
import { heldValue, type Value } from "./same-value.ts";
import type { DecisionInput, PersonStance } from "./types.ts";

type Sides = Pick<DecisionInput, "erp" | "proposed">;

/** What is known here of a field: the statement's word, else the ERP's. */
export function knownHere({ erp, proposed }: Sides, field: PersonField): Value {
  const said = proposed[field];
  return heldValue(said === undefined ? (erp?.[field] ?? null) : said);
}

/** Judges whether the answer is about the person. A candidate that agrees in nothing is never taken for a match. */
export function stanceOnPerson(input: DecisionInput): PersonStance {
  const { national } = input;
  if (national.outcome !== "found") return national.outcome;
  const { record, supersedes } = national;
  const number = knownHere(input, "nhsNumber");
  const isOther = number !== null && number !== record.nhsNumber && number !== supersedes;
  if (isOther && hasValidCheckDigit(`${number}`)) return "conflict";
  const identity = compareIdentity(input, record);
  if (identity !== "found") return identity;
  return supersedes !== undefined && number !== record.nhsNumber ? "superseded" : "found";
}

type Agreement = "agrees" | "disagrees" | "open";

/**
 * Names are compared folded whatever the pack says: a capital letter makes nobody another person. Somebody who is new here
 * under another given name may be a twin on whose form the other's number was typed: birth date and family name are shared.
 */
function compareIdentity(sides: Sides, { fields }: NationalRecord): "found" | "conflict" | "insufficient" {
  const textOf = (field: PersonField): string => `${knownHere(sides, field) ?? ""}`;
  const here = { family: compareFamilyName(textOf("familyName")), given: compareName(textOf("givenName")) };
  const there = { family: compareFamilyName(fields.familyName ?? ""), given: compareName(fields.givenName ?? "") };
  const isSwapped = here.family !== "" && here.family === there.given && here.given === there.family;
  const family = isSwapped ? "agrees" : agreement(here.family, there.family);
  const given = isSwapped ? "agrees" : agreement(here.given, there.given);
  const [birth, nationalBirth] = [textOf("birthDate"), fields.birthDate ?? ""];
  const isBirthCompatible = birth.startsWith(nationalBirth) || nationalBirth.startsWith(birth);
  const mayBeTwin = sides.erp === null && given === "disagrees";
  if (!isBirthCompatible || mayBeTwin || (family === "disagrees" && given === "disagrees")) return "conflict";
  const names = [family, given].filter((one) => one === "agrees").length;
  const isEnough =
    birth.length === 10 && birth === nationalBirth ? true : birth && nationalBirth ? names >= 1 : names === 2;
  return isEnough ? "found" : "insufficient";
}

const agreement = (a: string, b: string): Agreement =>
  a === "" || b === "" ? "open" : a === b ? "agrees" : "disagrees";

const codes: Readonly<Partial<Record<PersonStance, ComparisonCode>>> = {
  superseded: "RC-406",
  conflict: "DQ-NHS-012",
  invalidated: "DQ-NHS-010",
  several: "MT-201",
  none: "RC-405",
  insufficient: "MT-302",
};

/** The reason code of a stance; `null` where there is nothing to say. */
export const codeOf = (stance: PersonStance): ComparisonCode | null => codes[stance] ?? null;

/** The number's status by the NHS Data Dictionary: 01 once verified, 04 traced in vain, 05 to resolve, else 02 or 03. */
export function statusAfter(stance: PersonStance, sides: Sides): NhsNumberStatus {
  if (stance === "found" || stance === "superseded") return "01";
  if (stance === "none" || stance === "several") return "04";
  if (stance === "conflict" || stance === "invalidated") return "05";
  if (knownHere(sides, "nhsNumber") !== null) return "02";
  const said = knownHere(sides, "nhsNumberStatus");
  return said === "07" || said === "08" ? said : "03";
}
