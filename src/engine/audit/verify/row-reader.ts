// Reads leaf rows in step with the tree, a few tiles ahead at most.

import type { HashedRow } from "./align.ts";
import { hashLeaf } from "./tree.ts";
import type { Fault, VerifierRow } from "./types.ts";

/** The rows not yet taken. */
export type RowReader = {
  /** The next `count` rows without taking them; fewer at the end. */
  peek(count: number): Promise<readonly HashedRow[]>;
  take(count: number): Promise<HashedRow[]>;
  /** Takes every row up to `position`, keeping at most `keep` of them. */
  takeUpTo(position: number, keep: number): Promise<HashedRow[]>;
  /** Reads the rest and returns how many rows there were. */
  drain(): Promise<number>;
};

/** The journey a body names, or null; a body that is no JSON names none. */
function journeyIn(body: string | Uint8Array): string | null {
  try {
    const leaf = JSON.parse(typeof body === "string" ? body : Buffer.from(body).toString()) as { journeyId?: string };
    return leaf.journeyId?.toLowerCase() ?? null;
  } catch {
    return null;
  }
}

/** Reads `rows`; one filed under another journey than its body names is given to `report`. */
export function rowReader(rows: AsyncIterable<VerifierRow>, report: (fault: Fault) => void): RowReader {
  const source = rows[Symbol.asyncIterator]();
  let ahead: HashedRow[] = [];
  let ended = false;

  const read = async (): Promise<HashedRow | undefined> => {
    const next = ended ? undefined : await source.next();
    if (!next || next.done) {
      ended = true;
      return undefined;
    }
    const { position, body, journeyId } = next.value;
    if (journeyId !== undefined && journeyId !== journeyIn(body)) {
      report({ kind: "misfiled", fromPosition: position, toPosition: position });
    }
    return { position, hash: hashLeaf(body) };
  };
  const fillTo = async (count: number): Promise<void> => {
    while (ahead.length < count) {
      const row = await read();
      if (!row) return;
      ahead.push(row);
    }
  };
  const take = async (count: number): Promise<HashedRow[]> => {
    await fillTo(count);
    const taken = ahead.slice(0, count);
    ahead = ahead.slice(count);
    return taken;
  };

  return {
    take,
    async peek(count) {
      await fillTo(count);
      return ahead.slice(0, count);
    },
    async takeUpTo(position, keep) {
      const taken: HashedRow[] = [];
      for (;;) {
        await fillTo(1);
        const [row] = ahead;
        if (!row || row.position > position) return taken;
        ahead.shift();
        if (taken.length < keep) taken.push(row);
      }
    },
    async drain() {
      let count = 0;
      for (let chunk = await take(256); chunk.length > 0; chunk = await take(256)) count += chunk.length;
      return count;
    },
  };
}
