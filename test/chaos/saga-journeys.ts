// The journeys that are killed at each of their commits: what the hospital says, what is known nationally, and who decides.

import type { Decider } from "#engine/work";
import type { PersonInput } from "../../doubles/pds/index.ts";
import { type Adt, testNhsNumber } from "../journeys/adt.ts";
import { faceOf, spokenAs } from "../journeys/faces.ts";
import { person } from "../journeys/platform-rig.ts";
import { nationally, noon } from "../journeys/telling.ts";

/** What a person does once a question is open. */
export type Deed = { readonly action: string; readonly as: Decider } | "cancel";

/** One journey with people of its own, told from a number that no other has. */
export type Journey = {
  readonly known: readonly PersonInput[];
  /** What has been said of them before. */
  readonly before: readonly Adt[];
  readonly message: Adt;
  readonly deeds: readonly Deed[];
  /** Local identifiers of the people. */
  readonly people: readonly string[];
  /** Texts that differ from one run of the same journey to another. */
  readonly own: readonly string[];
};

const ann: Decider = person("Ann");
const ben: Decider = person("Ben");
const approve = (...deciders: Decider[]): Deed[] => deciders.map((as) => ({ action: "approve", as }));

/** Two people for each number: serials of NHS numbers lie twenty apart. */
function peopleOf(number: number) {
  const [mrn, other] = [`SK${number}A`, `SK${number}B`];
  const [nhsNumber, otherNumber] = [testNhsNumber(200_000 + number * 20), testNhsNumber(200_010 + number * 20)];
  const registered: Adt = {
    event: "A28",
    controlId: `${mrn}-0`,
    at: noon,
    person: { mrn, nhsNumber, addressLine1: "1 Old Row" },
  };
  const faces = [faceOf(mrn, nhsNumber), faceOf(other)];
  // A family name is that of a hundred people in a row, so both have one.
  const named = faces.flatMap(({ familyName, givenName, birthDate }) => [
    familyName,
    givenName,
    birthDate,
    birthDate.replaceAll("-", ""),
  ]);
  return { mrn, other, nhsNumber, otherNumber, registered, own: [mrn, other, nhsNumber, otherNumber, ...named] };
}

const changed = (mrn: string, more: Omit<Adt["person"], "mrn">): Adt => ({
  event: "A31",
  controlId: `${mrn}-1`,
  at: noon + 60_000,
  person: { mrn, ...more },
});

/** Each journey, by what it is about. */
export const journeys = {
  "a new person"(number) {
    const { mrn, nhsNumber, registered, own } = peopleOf(number);
    const message: Adt = { ...registered, controlId: `${mrn}-1` };
    return { known: [nationally(nhsNumber)], before: [], message, deeds: [], people: [mrn], own };
  },
  "an address that is applied at once"(number) {
    const { mrn, nhsNumber, registered, own } = peopleOf(number);
    const message = changed(mrn, { nhsNumber, addressLine1: "2 New Row" });
    return { known: [nationally(nhsNumber)], before: [registered], message, deeds: [], people: [mrn], own };
  },
  "a change of name that one person approves"(number) {
    const { mrn, nhsNumber, registered, own } = peopleOf(number);
    const known = [nationally(nhsNumber, { familyName: "Brookside" })];
    const message = changed(mrn, { nhsNumber, familyName: "Brookside" });
    return { known, before: [registered], message, deeds: approve(ann), people: [mrn], own };
  },
  "a death that two people approve"(number) {
    const { mrn, nhsNumber, registered, own } = peopleOf(number);
    const message = changed(mrn, { nhsNumber, deathDate: "20260102" });
    return {
      known: [nationally(nhsNumber)],
      before: [registered],
      message,
      deeds: approve(ann, ben),
      people: [mrn],
      own,
    };
  },
  "a merge that two people approve"(number) {
    const { mrn, other, registered, own } = peopleOf(number);
    const duplicate: Adt = {
      ...registered,
      controlId: `${other}-0`,
      person: { mrn: other, addressLine1: "3 Other Row", phone: "07700900123" },
    };
    const message: Adt = { event: "A40", controlId: `${mrn}-1`, at: noon + 60_000, person: { mrn }, retired: other };
    const before = [registered, duplicate];
    return { known: [], before, message, deeds: approve(ann, ben), people: [mrn, other], own };
  },
  "a twin of whom a steward says that it is somebody new"(number) {
    const { mrn, other, nhsNumber, registered, own } = peopleOf(number);
    // Without an address the national service is not asked, and the other's number is not the twin's own.
    const twin = { ...spokenAs(mrn), givenName: faceOf(other).givenName, mrn: other, nhsNumber };
    const message: Adt = { event: "A28", controlId: `${other}-1`, at: noon + 60_000, person: twin };
    const deeds: Deed[] = [{ action: "new", as: person("Stella", "steward") }];
    return { known: [], before: [registered], message, deeds, people: [mrn, other], own };
  },
  "a change that is cancelled once part of it was written"(number) {
    const { mrn, nhsNumber, registered, own } = peopleOf(number);
    const message = changed(mrn, { nhsNumber, familyName: "Brookside", addressLine1: "2 New Row" });
    return { known: [nationally(nhsNumber)], before: [registered], message, deeds: ["cancel"], people: [mrn], own };
  },
} satisfies Record<string, (number: number) => Journey>;
