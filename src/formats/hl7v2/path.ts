// Compiles field paths such as `PID-3[2].5` once and keeps them, since the same few hundred are asked for of every message.

import { LockgateError } from "#kernel/errors";

/** A compiled path; every number is from 1, and 0 where the path does not say. */
export type Path = {
  readonly segment: string;
  readonly occurrence: number;
  readonly field: number;
  readonly repetition: number;
  readonly component: number;
  readonly subcomponent: number;
};

const form =
  /^([A-Z][A-Z0-9]{2})(?:\[([1-9][0-9]{0,5})\])?-([1-9][0-9]{0,2})(?:\[([1-9][0-9]{0,5})\])?(?:\.([1-9][0-9]{0,2})(?:\.([1-9][0-9]{0,2}))?)?$/;
const maxKept = 4096;
const kept = new Map<string, Path>();

/** The path that `text` says, or `undefined` when it is not of the form `SEG[n]-F[r].C.S`. */
export function readPath(text: string): Path | undefined {
  const parts = form.exec(text);
  if (parts === null) return undefined;
  return {
    segment: parts[1]!,
    occurrence: Number(parts[2] ?? 0),
    field: Number(parts[3]),
    repetition: Number(parts[4] ?? 0),
    component: Number(parts[5] ?? 0),
    subcomponent: Number(parts[6] ?? 0),
  };
}

/** The same, from the store of compiled paths. Throws `HL7_BAD_PATH`. */
export function compilePath(text: string): Path {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const path = readPath(text);
  if (path === undefined) throw new LockgateError("HL7_BAD_PATH");
  if (kept.size >= maxKept) kept.clear();
  kept.set(text, path);
  return path;
}
