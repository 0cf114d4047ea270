// Which blocking keys the index holds of a person, how many may share one, and which locks stand for them.

import { eachKey, type TakeKey } from "../keys.ts";
import type { Form } from "./form.ts";

/** A key by its hash. `most`: with more holders than these it tells nothing, and is passed over. */
export type IndexKey = { readonly key: number; readonly most: number };

/**
 * Kinds of blocking keys that the index holds, with the most holders that a key may have. Left out are those that thousands of
 * a million share, and those that hardly bring anybody whom these do not: with all of them, 19,900 pairs of the UK set that
 * are linked or reviewed would be one link and two reviews more. Two names alone are enough only where few have them.
 */
const mostHolders: Readonly<Record<string, number>> = {
  n: 100, // NHS number
  t: 100, // telephone
  e: 100, // mailbox
  d: 100, // birth date, one name's sound
  j: 100, // birth date, both initials
  y: 100, // birth year, both names' sounds
  m: 100, // month and day, family's sound, given's initial
  h: 100, // postcode, address
  p: 100, // postcode, given's sound
  w: 10, // both names' sounds
};

/** The keys that a person is found by. */
export function indexKeys(form: Form): IndexKey[] {
  const keys = new Map<number, number>();
  eachKeyOf(form, (kind, ...parts) => {
    const most = mostHolders[kind];
    if (most !== undefined) keys.set(hashOf(kind, parts), most);
  });
  return Array.from(keys, ([key, most]) => ({ key, most }));
}

function eachKeyOf({ prepared, former }: Form, take: TakeKey): void {
  eachKey(prepared, [], (kind, one, two, three) => {
    // A formal name for a short one: whoever goes by another name is found by the family's.
    if (!isFormal(one) && !isFormal(two) && !isFormal(three)) take(kind, one, two, three);
  });
  for (const number of former) take("n", number);
  const { birthDate, given, family, postcode, address } = prepared;
  if (birthDate?.day && given && family) {
    const [one, other] = [given.key[0]!, family.key[0]!];
    take("j", birthDate.text, one < other ? one + other : other + one);
  }
  if (postcode && address) take("h", postcode.full, address.key);
}

const isFormal = (part: string | undefined): boolean => part?.[0] === "=";

// Every key that the index holds contains one of these, of the same person: the date is in a date with a sound.
const widest = "ntebqmw";

/** Few locks, as signed 32-bit numbers in ascending order, such that two persons who share a key share a lock. */
export function lockNumbers(forms: readonly Form[]): number[] {
  const numbers = new Set<number>();
  for (const form of forms) {
    const years = new Set<number>();
    let isNamed = false;
    eachKeyOf(form, (kind, ...parts) => {
      isNamed ||= kind === "w";
      if (widest.includes(kind)) numbers.add(hashOf(kind, parts) | 0);
      else if (kind === "y") years.add(hashOf(kind, parts) | 0);
    });
    // A year with both names contains the names; without a given name there is only the year.
    if (!isNamed) for (const year of years) numbers.add(year);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** 53 bits, as many as a number holds, so that strangers hardly ever meet (cyrb53, public domain). */
function hashOf(kind: string, parts: readonly (string | undefined)[]): number {
  let [low, high] = [0xdeadbeef, 0x41c6ce57];
  const feed = (text: string) => {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      low = Math.imul(low ^ code, 0x9e3779b1);
      high = Math.imul(high ^ code, 0x5f356495);
    }
  };
  feed(kind);
  for (const part of parts) if (part !== undefined) feed(part);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  return (high & 0x1fffff) * 0x100000000 + (low >>> 0);
}
