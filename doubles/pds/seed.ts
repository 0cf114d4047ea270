// The people a fresh double starts with: one for each case that a caller must cope with. All invented.

import type { Register } from "./register.ts";
import { type PersonInput, patientFrom } from "./short-form.ts";

/** NHS numbers of the seed, all in the test range 999, by what each is there for. */
export const seedNumbers = {
  ordinary: "9990007004",
  /** Has a former family name, and once lived elsewhere. */
  moved: "9990007012",
  restricted: "9990007020",
  /** A record that holds no more than the number. */
  minimal: "9990007039",
  deceasedFormal: "9990007047",
  deceasedInformal: "9990007055",
  superseded: "9990007063",
  superseding: "9990007071",
  invalidated: "9990007098",
  twinFirst: "9990007101",
  twinSecond: "9990007128",
  /** Two people of one name and birth date in one town. */
  namesakeFirst: "9990007136",
  namesakeSecond: "9990007144",
} as const;

const wilma: PersonInput = {
  nhsNumber: seedNumbers.moved,
  title: "Mrs",
  givenName: "Wilhelmina",
  familyName: "Tregowan",
  birthDate: "1962-09-14",
  gender: "female",
  addressLines: ["3 Chandlers Steps", "Port Ashby"],
  postcode: "ZZ2 5DR",
  phone: "01632 960701",
  email: "w.tregowan@people.example",
  gpPracticeCode: "ZZ9001",
};
const twin: Omit<PersonInput, "nhsNumber"> = {
  familyName: "Okonjo-Marsh",
  birthDate: "2014-02-20",
  gender: "female",
  addressLines: ["28 Signal Row", "Stonebeck"],
  postcode: "ZZ3 4KE",
  gpPracticeCode: "ZZ9002",
};
const namesake: Omit<PersonInput, "nhsNumber"> = {
  givenName: "Alan",
  familyName: "Braithwick",
  birthDate: "1951-05-17",
  gender: "male",
  gpPracticeCode: "ZZ9001",
};
const replaced: Omit<PersonInput, "nhsNumber"> = {
  givenName: "Piotr",
  familyName: "Sandiforth",
  birthDate: "1978-12-01",
  gender: "male",
  addressLines: ["7 Lamplighter Court", "Little Marrow"],
  postcode: "ZZ4 6TW",
};

/** In the order they are put in; who stands twice has changed since. */
const people: readonly PersonInput[] = [
  {
    nhsNumber: seedNumbers.ordinary,
    title: "Ms",
    givenName: ["Rosalind", "May"],
    familyName: "Hathersage",
    birthDate: "1984-03-29",
    gender: "female",
    addressLines: ["11 Cooper Street", "Harrowgate Mills", "Westmarch"],
    postcode: "ZZ1 3QP",
    phone: "01632 960700",
    mobile: "07700 900700",
    email: "rosalind@people.example",
    gpPracticeCode: "ZZ9001",
  },
  wilma,
  {
    ...wilma,
    familyName: "Penhallow",
    formerFamilyName: "Tregowan",
    addressLines: ["The Net Loft", "19 Mole Street", "Harrowgate Mills"],
    postcode: "ZZ1 8HB",
    email: "w.penhallow@people.example",
  },
  {
    nhsNumber: seedNumbers.restricted,
    givenName: "Imogen",
    familyName: "Farrowdale",
    birthDate: "1990-07-07",
    gender: "female",
    addressLines: ["No address that anyone may see"],
    postcode: "ZZ9 9ZZ",
    phone: "01632 960702",
    gpPracticeCode: "ZZ9002",
    restricted: true,
  },
  { nhsNumber: seedNumbers.minimal },
  {
    nhsNumber: seedNumbers.deceasedFormal,
    givenName: "Hubert",
    familyName: "Quillinan",
    birthDate: "1931-01-11",
    gender: "male",
    addressLines: ["2 Almshouse Yard", "Stonebeck"],
    postcode: "ZZ3 1AB",
    deceased: { on: "2024-11-05", status: "formal" },
  },
  {
    nhsNumber: seedNumbers.deceasedInformal,
    givenName: "Dorothea",
    familyName: "Vance",
    birthDate: "1940-10-30",
    gender: "female",
    addressLines: ["54 Kiln Road", "Port Ashby"],
    postcode: "ZZ2 7PL",
    deceased: { on: "2026-02-14", status: "informal" },
  },
  { nhsNumber: seedNumbers.superseded, ...replaced, familyName: "Sandyforth" },
  { nhsNumber: seedNumbers.superseding, ...replaced, phone: "01632 960703" },
  {
    nhsNumber: seedNumbers.invalidated,
    givenName: "Entered",
    familyName: "Inerror",
    birthDate: "2000-01-01",
    gender: "unknown",
  },
  { nhsNumber: seedNumbers.twinFirst, ...twin, givenName: "Adaeze", birthOrder: 1 },
  { nhsNumber: seedNumbers.twinSecond, ...twin, givenName: "Adanna", birthOrder: 2 },
  { nhsNumber: seedNumbers.namesakeFirst, ...namesake, addressLines: ["1 Weir View"], postcode: "ZZ3 5RA" },
  { nhsNumber: seedNumbers.namesakeSecond, ...namesake, addressLines: ["90 Quarry Road"], postcode: "ZZ3 7LR" },
];

/** Puts the seed into an empty register. */
export function sowSeed(register: Register): void {
  for (const person of people) register.put(patientFrom(person));
  register.supersede(seedNumbers.superseded, seedNumbers.superseding);
  register.invalidate(seedNumbers.invalidated);
}
