// The `Key` of SOAP pages: an opaque bookmark of table and primary key, and the record's version, new on every write.

import { refuse } from "../errors.ts";
import type { Row, Table } from "../tables/table.ts";

/** What a Key holds. */
interface RecordBookmark {
  tableNumber: number;
  primaryKey: string;
  version: string;
}

/** The Key of a record: `<length>;<bookmark>;<length>;<version>;`. */
export function writeKey(table: Table, row: Row): string {
  const key = String(row.values[table.key]);
  const head = Buffer.alloc(7);
  head.writeUInt32LE(table.number, 0);
  head.writeUInt8(0x02, 4);
  head.writeUInt8(0x7b, 5);
  head.writeUInt8(key.length, 6);
  const bookmark = Buffer.concat([head, Buffer.from(key, "utf16le")]).toString("base64");
  const version = String(1_000_000_000 + row.version);
  return `${bookmark.length};${bookmark};${version.length};${version};`;
}

/** Reads a Key; throws NavRefusal when it is none of this server's. */
export function readKey(text: string): RecordBookmark {
  const [, length, bookmark = "", versionLength, version = ""] = /^(\d+);([^;]+);(\d+);(\d+);$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(bookmark, "base64");
  const isWhole = Number(length) === bookmark.length && Number(versionLength) === version.length;
  if (!isWhole || bytes.length < 7 || bytes.length !== 7 + bytes.readUInt8(6) * 2)
    return refuse("BadRequest", "badKey");
  return { tableNumber: bytes.readUInt32LE(0), primaryKey: bytes.subarray(7).toString("utf16le"), version };
}

/** Whether a Key still means the record's present state. */
export const isCurrent = (bookmark: RecordBookmark, row: Row): boolean =>
  bookmark.version === String(1_000_000_000 + row.version);
