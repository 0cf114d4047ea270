// What matching in bulk writes: pairs and clusters as CSV (RFC 4180), under their names only when they are whole.

import { open, rename, rm } from "node:fs/promises";
import { LockgateError } from "#kernel/errors";
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

/** @throws CONFIG_INVALID when nothing can be written there */
export async function newFile(path: string): Promise<NewFile> {
  const temporary = `${path}.part-${process.pid}`;
  const file = await open(temporary, "w").catch((cause: unknown) => {
    throw new LockgateError("CONFIG_INVALID", { at: path, reason: "cannot be written", cause });
  });
  let isOpen = true;
  return {
    write: (text) => file.appendFile(text),
    async keep() {
      await file.sync();
      await file.close();
      isOpen = false;
      await rename(temporary, path);
    },
    async drop() {
      if (!isOpen) return;
      isOpen = false;
      await file.close();
      await rm(temporary, { force: true });
    },
  };
}
