// The checkpoints a log must pass through: signatures checked, by ascending size, each compared as the tree reaches it.

import { type LogKey, readSignedRoot, type SignedRoot } from "./signed-checkpoint.ts";
import type { AuditInput, Fault, VerifierCheckpoint } from "./types.ts";

/** A root signed for a size. `pinned`: kept outside the log's own store. */
export type Mark = SignedRoot & { readonly pinned: boolean; readonly lastPosition?: number };

export type Marks = {
  /** The largest; undefined when no signature is good. */
  readonly head: Mark | undefined;
  /** Size of the next mark, or infinity. */
  nextSize(): number;
  /** Takes the marks at `size` off the list. */
  takeAt(size: number): Promise<Mark[]>;
  /** How many signatures were good so far. */
  good(): number;
};

function checkedMark(
  checkpoint: VerifierCheckpoint,
  pinned: boolean,
  key: LogKey,
  report: (fault: Fault) => void,
): Mark | undefined {
  const signed = readSignedRoot(checkpoint.note, key);
  const row = checkpoint.size === undefined ? {} : { size: checkpoint.size };
  if (!signed) report({ kind: "bad-signature", ...row });
  else if (checkpoint.size !== undefined && checkpoint.size !== signed.size)
    report({ kind: "checkpoint-altered", ...row });
  else
    return {
      ...signed,
      pinned,
      ...(checkpoint.lastPosition === undefined ? {} : { lastPosition: checkpoint.lastPosition }),
    };
  return undefined;
}

/** Opens the latest and the pinned checkpoints, and begins to read the earlier ones. */
export async function openMarks(input: AuditInput, key: LogKey, report: (fault: Fault) => void): Promise<Marks> {
  const latest = input.checkpoint && checkedMark(input.checkpoint, false, key, report);
  const elsewhere = (input.pinned ?? []).filter((note) => note !== input.checkpoint?.note);
  const pins = elsewhere.flatMap((note) => checkedMark({ note }, true, key, report) ?? []);
  const fixed = [...(latest ? [latest] : []), ...pins].sort((a, b) => a.size - b.size);
  const head = fixed.at(-1);
  const history = input.checkpoints?.[Symbol.asyncIterator]();
  let good = fixed.length;
  let earlier: Mark | undefined;

  const advance = async (beyond: number): Promise<void> => {
    earlier = undefined;
    for (let next = await history?.next(); next && !next.done; next = await history?.next()) {
      // The latest is in the store too.
      if (next.value.note === input.checkpoint?.note) continue;
      const mark = checkedMark(next.value, false, key, report);
      if (!mark || mark.size < beyond) continue;
      good++;
      earlier = mark;
      return;
    }
  };
  if (head) await advance(0);

  return {
    head,
    nextSize: () => Math.min(fixed[0]?.size ?? Number.POSITIVE_INFINITY, earlier?.size ?? Number.POSITIVE_INFINITY),
    async takeAt(size) {
      const taken: Mark[] = [];
      while (earlier?.size === size) {
        taken.push(earlier);
        await advance(size);
      }
      while (fixed[0]?.size === size) taken.push(fixed.shift()!);
      return taken;
    },
    good: () => good,
  };
}
