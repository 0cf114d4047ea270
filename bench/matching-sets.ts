// The published data sets with known truth that matching is held against, and the figures of the anchor on each.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExtraColumn, MatchRecord } from "#services/matching";

const folder = join(process.env.LOCKGATE_SHARED ?? "../shared", "data", "linkage");

type Row = Readonly<Record<string, string>>;

/** A set: what is read of each row, who the row is, and which figure is to be beaten. */
export type LinkageSet = {
  readonly name: string;
  readonly file: string;
  /** Canonical field by column. */
  readonly fields: Readonly<Record<string, string>>;
  readonly extra: readonly ExtraColumn[];
  /** Shipped model; the generic one is trained on the set itself, without truth. */
  readonly model: "uk" | "generic";
  /** Only the second half of the persons: the first is what the shipped model was trained on. */
  readonly heldOut: boolean;
  /** Splink 4: F1 at a fixed threshold, p at least 0.5. */
  readonly anchorF1: number;
  person(row: Row): string;
};

const febrl = (name: string, file: string, anchorF1: number, hasIdentifier: boolean): LinkageSet => ({
  name,
  file: `febrl/${file}`,
  fields: { givenName: "given_name", familyName: "surname", birthDate: "date_of_birth", addressLine1: "address_1" },
  extra: [
    ...(hasIdentifier ? [{ column: "soc_sec_id", compare: "identifier" } as const] : []),
    { column: "street_number", compare: "category" },
    { column: "address_2", compare: "text" },
    { column: "suburb", compare: "text" },
    { column: "postcode", compare: "category" },
    { column: "state", compare: "category" },
  ],
  model: "generic",
  heldOut: false,
  anchorF1,
  person: (row) => /^rec-(\d+)/.exec(row.rec_id ?? "")?.[1] ?? "",
});

const uk = (name: string, hasNhsNumber: boolean, anchorF1: number): LinkageSet => ({
  name,
  file: "uk_synth_dev/persons100k_seed43_d1.csv",
  fields: {
    givenName: "given_name",
    familyName: "family_name",
    birthDate: "dob",
    gender: "gender",
    postcode: "postcode",
    addressLine1: "address1",
    phone: "phone",
    ...(hasNhsNumber ? { nhsNumber: "nhs_number" } : {}),
  },
  extra: [],
  model: "uk",
  heldOut: true,
  anchorF1,
  person: (row) => row.ent ?? "",
});

export const linkageSets: readonly LinkageSet[] = [
  febrl("febrl1", "dataset1.csv", 0.998, true),
  febrl("febrl3", "dataset3.csv", 0.9929, true),
  febrl("febrl3 without the identifier", "dataset3.csv", 0.9685, false),
  {
    name: "fake_1000",
    file: "splink_fake1000/fake_1000.csv",
    fields: { givenName: "first_name", familyName: "surname", birthDate: "dob", town: "city", email: "email" },
    extra: [],
    model: "generic",
    heldOut: false,
    anchorF1: 0.8054,
    person: (row) => row.cluster ?? "",
  },
  {
    name: "historical, development half",
    file: "splink_historical50k/dev_half.csv",
    fields: {
      givenName: "first_name",
      familyName: "surname",
      birthDate: "dob",
      postcode: "postcode_fake",
      gender: "gender",
    },
    extra: [
      { column: "birth_place", compare: "text" },
      { column: "occupation", compare: "category" },
    ],
    model: "generic",
    heldOut: false,
    anchorF1: 0.7531,
    person: (row) => row.truth_cluster ?? "",
  },
  uk("UK, held-out half", true, 0.96),
  uk("UK without NHS number, held-out half", false, 0.927),
];

/** Whether the set lies beside the project. */
export const hasSet = ({ file }: LinkageSet): boolean => existsSync(join(folder, file));

/** The records of a set, and the person that each is of. */
export function readSet(set: LinkageSet): { readonly records: MatchRecord[]; readonly persons: string[] } {
  const [head = "", ...lines] = readFileSync(join(folder, set.file), "utf8").trim().split(/\r?\n/);
  const columns = head.split(",").map((name) => name.trim());
  const rows = lines.map((line): Row => {
    const cells = line.split(",");
    return Object.fromEntries(columns.map((name, index) => [name, (cells[index] ?? "").trim()]));
  });
  const persons = [...new Set(rows.map(set.person))];
  const taught = new Set(set.heldOut ? persons.slice(0, Math.floor(persons.length / 2)) : []);
  const used = rows.filter((row) => !taught.has(set.person(row)));
  return {
    records: used.map((row) => ({
      fields: Object.fromEntries(Object.entries(set.fields).map(([field, column]) => [field, row[column] ?? ""])),
      extra: row,
    })),
    persons: used.map(set.person),
  };
}
