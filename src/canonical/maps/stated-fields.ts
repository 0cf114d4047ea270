// The fields of a person as an ADT message states them, each with the places of the message that its text came from.

import { type PersonField, type PersonTexts, personFields, type ReasonCode } from "#canonical/model";
import { type CheckOptions, checkPerson } from "#canonical/rules";
import { type Message, parse, write } from "#formats/hl7v2";
import { identifiersOf, tolerantly } from "./adt-identifiers.ts";
import { personTextsOf } from "./adt-texts.ts";

/** One field that a message says something of. */
export type StatedField = {
  readonly field: PersonField;
  /** As it is taken; `null` where it is removed; absent where what was sent is not taken. */
  readonly value?: string | boolean | null;
  /** Paths such as `PID-5.1`, or `PID-11[2].1` where the field repeats. None where it is removed. */
  readonly at: readonly string[];
  /** What was found about it. */
  readonly codes: readonly ReasonCode[];
};

/** A message of more elements than this is not traced: each costs a reading of all. */
const MOST_TRACED = 100;
const SEGMENTS = ["PID", "PD1"] as const;

/**
 * What an ADT message says of its person, in the order people read it. Where a text came from is found by trial on a copy: of an
 * element that is one letter different, the same letter of the text is different. Of a message that is no ADT nothing.
 */
export function statedFieldsOf(message: Message, options: CheckOptions): StatedField[] {
  if (message.get("MSH-9.1")?.trim() !== "ADT") return [];
  const texts = textsOf(message, options);
  const event = message.get("MSH-9.2")?.trim() ?? "";
  const { fields, findings } = checkPerson({ event, eventAt: `${options.today}T00:00:00.000Z`, texts }, options);
  const places = placesOf(message, texts, options);
  return personFields.flatMap((field) => {
    if (texts[field] === undefined && fields[field] === undefined) return [];
    const codes = findings.filter((one) => one.field === field).map(({ code }) => code);
    const value = fields[field];
    return [{ field, ...(value === undefined ? {} : { value }), at: places.get(field) ?? [], codes }];
  });
}

function textsOf(message: Message, { today }: CheckOptions): PersonTexts {
  const [number] = identifiersOf(message).nhs;
  return { ...personTextsOf(message, today), ...(number ? { nhsNumber: number.text } : {}) };
}

function placesOf(message: Message, texts: PersonTexts, options: CheckOptions): ReadonlyMap<PersonField, string[]> {
  const found = new Map<PersonField, string[]>();
  const bytes = write(message);
  const elements = SEGMENTS.flatMap((segment) => elementsOf(message, segment));
  for (const at of elements.length > MOST_TRACED ? [] : elements) {
    const other = oneOther(message.get(at) ?? "");
    if (!other) continue;
    const changed = (): PersonTexts => {
      const copy = parse(bytes);
      copy.set(at, other.text);
      return textsOf(copy, options);
    };
    // What cannot be written in the message's character set is not traced.
    const now = tolerantly(changed, {});
    for (const field of personFields)
      if (isThatChange(texts[field], now[field], other.letter)) found.set(field, [...(found.get(field) ?? []), at]);
  }
  return found;
}

/** The deepest paths of a segment that hold something; a part is numbered where there are several, a component before its own parts too. */
function elementsOf(message: Message, segment: string): string[] {
  const { field, component, subcomponent, repetition } = message.delimiters;
  const text = message.segments.find(({ name }) => name === segment)?.text ?? "";
  const parts = (whole: string, by: string): string[] => (by === "" ? [whole] : whole.split(by));
  const paths: string[] = [];
  for (const [number, all] of text.split(field).entries())
    for (const [nth, one] of parts(all, repetition).entries()) {
      const components = parts(one, component);
      for (const [place, whole] of components.entries()) {
        const subcomponents = parts(whole, subcomponent);
        for (const [deepest, held] of subcomponents.entries()) {
          const repeated = all === one ? "" : `[${nth + 1}]`;
          const within =
            subcomponents.length > 1 ? `.${place + 1}.${deepest + 1}` : components.length > 1 ? `.${place + 1}` : "";
          if (number > 0 && held !== "") paths.push(`${segment}-${number}${repeated}${within}`);
        }
      }
    }
  return paths;
}

/** The text with its last letter or digit another one of the same kind. */
function oneOther(text: string): { readonly text: string; readonly letter: string } | undefined {
  const letters = [...text];
  const last = letters.findLastIndex((one) => /[\p{L}\p{N}]/u.test(one));
  const was = letters[last];
  if (was === undefined) return undefined;
  const letter = /\p{N}/u.test(was) ? (was === "9" ? "8" : "9") : was === "Z" ? "Y" : "Z";
  return { text: letters.with(last, letter).join(""), letter };
}

function isThatChange(was: string | null | undefined, now: string | null | undefined, letter: string): boolean {
  if (!was || !now) return false;
  const [before, after] = [[...was], [...now]];
  const different = before.flatMap((one, index) => (one === after[index] ? [] : [after[index]]));
  return before.length === after.length && different.length === 1 && different[0] === letter;
}
