// Packs and sides of a comparison for the tests of rule packs. Everybody here is invented.

import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import type { NationalRecord } from "#canonical/contracts";
import type { PersonChanges } from "#canonical/model";
import {
  compareSources,
  type Decision,
  type DecisionInput,
  decide,
  type NationalWord,
  type Pack,
  readPack,
} from "#canonical/packs";

/** The shipped packs as text. */
export const demoText = readFileSync("resources/rules/demographics.yaml", "utf8");
export const strictText = readFileSync("resources/rules/strict.yaml", "utf8");
export const demo: Pack = readPack(demoText);

/** A pack as the plain value that its YAML says, to be changed by a test. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into it by path to break it.
export const plainDemo = (): any => parse(demoText);

/** The demo's pack with something changed. */
export function demoWith(change: (plain: ReturnType<typeof plainDemo>) => void): Pack {
  const plain = plainDemo();
  change(plain);
  return readPack(stringify(plain));
}

/** Two valid numbers of the test range, and one whose check digit is wrong. */
export const NUMBER = "9990000018";
export const OTHER_NUMBER = "9990000026";
export const BAD_NUMBER = "9990000011";

export const identity: PersonChanges = {
  nhsNumber: NUMBER,
  familyName: "Example",
  givenName: "Anne",
  birthDate: "1980-05-17",
};

/** The national service's record of a person who is `identity` but for `fields`. */
export function found(
  fields: PersonChanges = {},
  record: Partial<NationalRecord> = {},
  supersedes?: string,
): NationalWord {
  const { nhsNumber, ...others } = { ...identity, ...fields };
  return {
    outcome: "found",
    record: {
      nhsNumber: `${nhsNumber}`,
      version: 'W/"1"',
      restricted: false,
      fields: Object.fromEntries(Object.entries(others).filter(([, value]) => value !== null)),
      ...record,
    },
    ...(supersedes ? { supersedes } : {}),
  };
}

/** A known person for whom `proposed` is proposed. */
export const known = (proposed: PersonChanges, national: NationalWord, erp: PersonChanges = {}): DecisionInput => ({
  erp: { ...identity, ...erp },
  proposed,
  national,
});

/** The decision on an input. */
export const decided = (input: DecisionInput, pack: Pack = demo): Decision =>
  decide(compareSources({ ...input, pack }), pack);

/** What is decided on one field; `undefined`: it does not come up. */
export const verdictOn = (field: string, input: DecisionInput, pack: Pack = demo): string | undefined =>
  decided(input, pack).fields.find((one) => one.field === field)?.verdict;
