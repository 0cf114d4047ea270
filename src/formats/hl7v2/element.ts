// Reads and replaces one element inside the text of a field: a repetition, a component, a subcomponent.

import { LockgateError } from "#kernel/errors";
import type { Path } from "./path.ts";
import type { Delimiters } from "./types.ts";

/** The HL7 null (v2.8, 2.5.3): the receiver is to delete its value. */
export const nullText = '""';

/** The `number`th piece of `text`, from 1; `undefined` when there are fewer. */
function piece(text: string, separator: string, number: number): string | undefined {
  if (separator === "") return number === 1 ? text : undefined;
  let from = 0;
  for (let left = number; left > 1; left -= 1) {
    const at = text.indexOf(separator, from);
    if (at < 0) return undefined;
    from = at + 1;
  }
  const end = text.indexOf(separator, from);
  return end < 0 ? text.slice(from) : text.slice(from, end);
}

/** `text` with its `number`th piece changed, empty pieces made up to it. */
function withPiece(text: string, separator: string, number: number, change: (old: string) => string): string {
  if (separator === "") {
    if (number > 1) throw new LockgateError("HL7_BAD_DELIMITERS", { at: "MSH-2" });
    return change(text);
  }
  let from = 0;
  for (let left = number; left > 1; left -= 1) {
    const at = text.indexOf(separator, from);
    if (at < 0) return text + separator.repeat(left - 1) + change("");
    from = at + 1;
  }
  const end = text.indexOf(separator, from);
  return (
    text.slice(0, from) + change(end < 0 ? text.slice(from) : text.slice(from, end)) + (end < 0 ? "" : text.slice(end))
  );
}

/** What `path` says inside one repetition; `undefined` when absent. A repetition that is null makes its parts null. */
export function partOf(repetition: string, path: Path, delimiters: Delimiters): string | undefined {
  if (path.component === 0 || repetition === nullText) return repetition;
  const component = piece(repetition, delimiters.component, path.component);
  if (path.subcomponent === 0 || component === undefined || component === nullText) return component;
  return piece(component, delimiters.subcomponent, path.subcomponent);
}

/** What `path` says inside a field, first repetition when it does not say which; `undefined` when absent. */
export function elementOf(field: string, path: Path, delimiters: Delimiters): string | undefined {
  const repetition = piece(field, delimiters.repetition, path.repetition || 1);
  return repetition === undefined ? undefined : partOf(repetition, path, delimiters);
}

/** `field` with what `path` says replaced by `text`, which is already escaped. */
export function withElement(field: string, path: Path, delimiters: Delimiters, text: string): string {
  const inComponent = (old: string) =>
    path.subcomponent === 0 ? text : withPiece(old, delimiters.subcomponent, path.subcomponent, () => text);
  const inRepetition = (old: string) =>
    path.component === 0 ? text : withPiece(old, delimiters.component, path.component, inComponent);
  return withPiece(field, delimiters.repetition, path.repetition || 1, inRepetition);
}
