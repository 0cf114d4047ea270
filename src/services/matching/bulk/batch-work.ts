// From rows to packed records and their keys.

import type { PersonChanges, PersonField } from "#canonical/model";
import { type Environment, judgeGender } from "#canonical/rules";
import { eachKey } from "../keys.ts";
import { preparer, remembering } from "../prepare.ts";
import type { ExtraColumn } from "../types.ts";
import type { Columns } from "./file-map.ts";
import { keyHasher } from "./key-hashes.ts";
import { batchRows, type PackedBatch, packer } from "./packed.ts";
import { type BadRow, eachRow } from "./rows.ts";
import { type KeySlice, keyCollector } from "./shared-keys.ts";

/** What every thread knows from its start. */
export type ThreadSetup = {
  readonly environment: Environment;
  readonly extra: readonly ExtraColumn[];
};

/** A batch made ready. */
export type ReadyBatch = { readonly packed: PackedBatch; readonly bad: readonly BadRow[] };

/** `batch`: its number among all of all files. */
export type BatchOrder = {
  readonly bytes: Uint8Array;
  readonly line: number;
  readonly columns: Columns;
  readonly batch: number;
};

/** Makes batches ready; their keys stay here until they are asked for. */
export function batchWork({ environment, extra }: ThreadSetup) {
  const prepare = preparer({ environment, extra });
  const pack = packer(extra.length);
  const keys = keyCollector();
  const hasher = keyHasher(keys.add);
  const makeReady = ({ bytes, line, columns, batch }: BatchOrder): ReadyBatch => {
    const bad: BadRow[] = [];
    const places: Places = Object.fromEntries(columns.fields);
    let record = batch * batchRows;
    const take = (cells: readonly string[], rowLine: number) => {
      const id = cells[columns.id]?.trim();
      if (cells.length !== columns.count)
        bad.push({ line: rowLine, why: `${cells.length} cells, not ${columns.count}` });
      else if (!id) bad.push({ line: rowLine, why: "no id" });
      else {
        const prepared = prepare({ fields: fieldsOf(cells, places), extra: extraOf(cells, columns, extra) });
        hasher.begin(record);
        eachKey(prepared, extra, hasher.take);
        pack.add(id, rowLine, prepared);
        record += 1;
      }
    };
    eachRow({ bytes, line }, take, (row) => bad.push(row));
    return { packed: pack.finish(), bad };
  };
  return { makeReady, keys: (): KeySlice[] => keys.finish() };
}

/** Places of the columns of fields. */
type Places = Readonly<Partial<Record<PersonField, number>>>;

// Always the same properties, whatever was told: they are read several times faster so.
function fieldsOf(cells: readonly string[], places: Places): PersonChanges {
  const textOf = (place: number | undefined): string => (place === undefined ? "" : cells[place]!.trim());
  const gender = textOf(places.gender);
  return {
    givenName: textOf(places.givenName),
    middleNames: textOf(places.middleNames),
    familyName: textOf(places.familyName),
    birthDate: dayFirst(textOf(places.birthDate)),
    gender: gender === "" ? "unknown" : genderOf(gender),
    postcode: textOf(places.postcode),
    addressLine1: textOf(places.addressLine1),
    town: textOf(places.town),
    phone: textOf(places.phone),
    email: textOf(places.email),
    nhsNumber: textOf(places.nhsNumber),
  };
}

const genderOf = remembering((text) => judgeGender(text).value ?? "unknown");

function extraOf(cells: readonly string[], columns: Columns, extra: ThreadSetup["extra"]) {
  const said: Record<string, string> = {};
  for (let index = 0; index < extra.length; index += 1) said[extra[index]!.column] = cells[columns.extra[index]!]!;
  return said;
}

/** A date as people in the UK write it, in the form of ISO 8601; any other text as it is. */
function dayFirst(text: string): string {
  const parts = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text);
  return parts === null ? text : `${parts[3]}-${parts[2]!.padStart(2, "0")}-${parts[1]!.padStart(2, "0")}`;
}
