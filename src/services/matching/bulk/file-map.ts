// What the columns of a file mean: `map.json`, strict about what it says and about what the file lacks.

import { z } from "zod";
import { personFields } from "#canonical/model";
import { LockgateError } from "#kernel/errors";
import { type ExtraColumn, extraKinds } from "../types.ts";

const column = z.string().min(1);
/** As in the model, and `addressLine`, as most files call their only one. */
const fieldNames = [...personFields, "addressLine"] as const;

const mapShape = z.strictObject({
  id: column.describe("the column whose text names a record"),
  environment: z.enum(["live", "test"]).default("live").describe("whether NHS numbers of the test range count"),
  fields: z.partialRecord(z.enum(fieldNames), column).describe("the column of each canonical field"),
  extra: z.array(z.strictObject({ column, compare: z.enum(extraKinds) })).default([]),
});

/** What is read of a file: the id, canonical fields and extra columns, each by the name of its column. */
export type FileMap = {
  readonly id: string;
  readonly environment: "live" | "test";
  readonly fields: Readonly<Partial<Record<(typeof personFields)[number], string>>>;
  readonly extra: readonly ExtraColumn[];
};

/** Reads a map. @throws MATCH_MAP_INVALID at the first thing that is wrong */
export function readFileMap(jsonText: string): FileMap {
  let content: unknown;
  try {
    content = JSON.parse(jsonText);
  } catch {
    throw new LockgateError("MATCH_MAP_INVALID", { at: "the map", reason: "not JSON" });
  }
  const result = mapShape.safeParse(content);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new LockgateError("MATCH_MAP_INVALID", { at: issue.path.join(".") || "the map", reason: issue.message });
  }
  const { id, environment, fields, extra } = result.data;
  const { addressLine, ...others } = fields;
  if (addressLine !== undefined && others.addressLine1 !== undefined)
    throw new LockgateError("MATCH_MAP_INVALID", {
      at: "fields.addressLine",
      reason: "addressLine1 is the same field and is mapped as well",
    });
  const twice = extra.find(({ column: name }, index) => extra.findIndex((one) => one.column === name) !== index);
  if (twice) throw new LockgateError("MATCH_MAP_INVALID", { at: "extra", reason: `${twice.column} is named twice` });
  const mapped = addressLine === undefined ? others : { ...others, addressLine1: addressLine };
  if (Object.keys(mapped).length + extra.length === 0)
    throw new LockgateError("MATCH_MAP_INVALID", { at: "fields", reason: "nothing is compared" });
  return { id, environment, fields: mapped, extra };
}

/** Places of the mapped columns in one file. */
export type Columns = {
  readonly count: number;
  readonly id: number;
  readonly fields: readonly (readonly [field: string, index: number])[];
  readonly extra: readonly number[];
};

/** Finds the mapped columns in a header. @throws MATCH_COLUMN_MISSING naming the column that is not there, or there twice */
export function findColumns(map: FileMap, header: readonly string[], file: string): Columns {
  const names = header.map((name) => name.trim());
  const indexOf = (name: string): number => {
    const index = names.indexOf(name);
    if (index < 0) throw new LockgateError("MATCH_COLUMN_MISSING", { at: file, reason: `column ${name}` });
    if (names.indexOf(name, index + 1) >= 0)
      throw new LockgateError("MATCH_COLUMN_MISSING", { at: file, reason: `two columns are named ${name}` });
    return index;
  };
  return {
    count: names.length,
    id: indexOf(map.id),
    fields: Object.entries(map.fields).map(([field, name]) => [field, indexOf(name)] as const),
    extra: map.extra.map(({ column: name }) => indexOf(name)),
  };
}
