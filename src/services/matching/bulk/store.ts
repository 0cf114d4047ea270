// Blocking in DuckDB: keys of all records, sorted on disk where memory does not suffice. The only SQL of matching in bulk.

import { BIGINT, DuckDBDataChunk, DuckDBInstance, INTEGER } from "@duckdb/node-api";
import type { KeyChunk } from "./shared-keys.ts";

const chunkRows = 2048;

/** Keys with the records that hold them. */
export type KeyStore = {
  add(keys: KeyChunk): void;
  /** All that was added, keys together and records of one key in order; `take` is told where another key begins. */
  sorted(take: (record: number, isNewKey: boolean) => void): Promise<void>;
  close(): void;
};

/** Opens a store in memory that spills into `spillFolder` beyond `memoryMegabytes`. */
export async function openKeyStore(options: {
  readonly threads: number;
  readonly memoryMegabytes: number;
  readonly spillFolder: string;
}): Promise<KeyStore> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(options.threads),
    memory_limit: `${options.memoryMegabytes}MB`,
    temp_directory: options.spillFolder,
    preserve_insertion_order: "false",
  });
  const connection = await instance.connect();
  await connection.run("CREATE TABLE keys (key BIGINT NOT NULL, record INTEGER NOT NULL)");
  const appender = await connection.createAppender("keys");
  const chunk = DuckDBDataChunk.create([BIGINT, INTEGER], chunkRows);

  return {
    add({ halves, records }) {
      for (let from = 0; from < records.length; from += chunkRows) {
        const till = Math.min(from + chunkRows, records.length);
        chunk.rowCount = till - from;
        viewOf(chunk, 0).set(halves.subarray(2 * from, 2 * till));
        viewOf(chunk, 1).set(records.subarray(from, till));
        chunk.getColumnVector(0).flush();
        chunk.getColumnVector(1).flush();
        appender.appendDataChunk(chunk);
      }
    },
    async sorted(take) {
      appender.closeSync();
      const result = await connection.stream("SELECT key, record FROM keys ORDER BY key, record");
      let low: number | undefined;
      let high: number | undefined;
      for (;;) {
        const found = await result.fetchChunk();
        const rows = found?.rowCount ?? 0;
        if (!found || rows === 0) return;
        const [keys, of] = [viewOf(found, 0), viewOf(found, 1)];
        for (let row = 0; row < rows; row += 1) {
          const isNew = keys[2 * row] !== low || keys[2 * row + 1] !== high;
          if (isNew) [low, high] = [keys[2 * row]!, keys[2 * row + 1]!];
          take(of[row]!, isNew);
        }
      }
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** The bytes of a column, which DuckDB hands out as they are. */
function viewOf(chunk: DuckDBDataChunk, column: number): Int32Array {
  const { items } = chunk.getColumnVector(column) as unknown as {
    items: BigInt64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
  };
  return new Int32Array(items.buffer, items.byteOffset, items.byteLength / 4);
}
