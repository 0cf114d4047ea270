// From rows to packed records and their keys.

import type { PersonChanges } from "#canonical/model";
import { type Environment, judgeGender } from "#canonical/rules";
import { eachKey } from "../keys.ts";
import { preparer } from "../prepare.ts";
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
    let record = batch * batchRows;
    const take = (cells: readonly string[], rowLine: number) => {
      const id = cells[columns.id]?.trim();
      if (cells.length !== columns.count)
        bad.push({ line: rowLine, why: `${cells.length} cells, not ${columns.count}` });
      else if (!id) bad.push({ line: rowLine, why: "no id" });
      else {
        const prepared = prepare(recordOf(cells, columns, extra));
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

function recordOf(cells: readonly string[], columns: Columns, extra: ThreadSetup["extra"]) {
  const fields: Record<string, string> = {};
  for (const [field, index] of columns.fields) {
    const text = cells[index]!.trim();
    if (text === "") continue;
    if (field === "gender") fields.gender = judgeGender(text).value ?? "unknown";
    else if (field === "birthDate") fields.birthDate = dayFirst(text);
    else fields[field] = text;
  }
  const said: Record<string, string> = {};
  for (const [index, { column }] of extra.entries()) said[column] = cells[columns.extra[index]!]!;
  return { fields: fields as PersonChanges, extra: said };
}

/** A date as people in the UK write it, in the form of ISO 8601; any other text as it is. */
function dayFirst(text: string): string {
  const [, day, month, year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text) ?? [];
  return day === undefined ? text : `${year}-${month!.padStart(2, "0")}-${day.padStart(2, "0")}`;
}
