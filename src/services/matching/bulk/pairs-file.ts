// What matching in bulk writes: pairs and clusters as CSV (RFC 4180), under their names only when they are whole.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { finished } from "node:stream/promises";
import type { PairDecision } from "../decide-pair.ts";

export const pairsHeading = "id_a,id_b,weight,probability,decision,reasons\n";
export const clustersHeading = "id,cluster\n";

/** A cell, quoted where it has to be. */
export const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The probability that a weight, as log2 of odds, stands for. */
export const probabilityOf = (weight: number): number => 1 / (1 + 2 ** -weight);

/** The weight from which a probability is reached. */
export const weightOf = (probability: number): number => Math.log2(probability / (1 - probability));

export const csvRow = (a: string, b: string, { total, decision }: PairDecision, reasons: string): string =>
  `${csvCell(a)},${csvCell(b)},${total.toFixed(3)},${probabilityOf(total).toFixed(6)},${decision},${csvCell(reasons)}\n`;

/** A file that nobody sees before it is whole. */
export type NewFile = {
  write(text: string): Promise<void>;
  /** Puts the file in its place. */
  keep(): Promise<void>;
  /** Leaves nothing behind; after `keep` it does nothing. */
  drop(): Promise<void>;
};

export function newFile(path: string): NewFile {
  const temporary = `${path}.part-${process.pid}`;
  const stream = createWriteStream(temporary, { flags: "w" });
  let isKept = false;
  // Told by `write` and `keep`, which wait for it.
  const failed = once(stream, "error").then(([cause]) => Promise.reject(cause));
  failed.catch(() => undefined);
  return {
    async write(text) {
      if (!stream.write(text)) await Promise.race([once(stream, "drain"), failed]);
    },
    async keep() {
      stream.end();
      await Promise.race([finished(stream), failed]);
      await rename(temporary, path);
      isKept = true;
    },
    async drop() {
      if (isKept) return;
      stream.destroy();
      await rm(temporary, { force: true });
    },
  };
}
