// What a hospital says of its patients in a storm: every value unique, so that each change is recognised in the ERP.

import { adt, testNhsNumber } from "../journeys/adt.ts";

/** Numbers in [0, 1), the same ones from the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One message of the feed. */
export type Fed = {
  readonly controlId: string;
  readonly mrn: string;
  readonly at: number;
  /** What it makes of the address line and of the telephone; absent: says nothing of it. */
  readonly addressLine1: string;
  readonly phone?: string;
  /** False: its content breaks a rule and must end up with a person. */
  readonly isValid: boolean;
  readonly bytes: string;
};

const INVALID_SHARE = 0.01;
const PHONE_SHARE = 0.4;
const spanMs = 20 * 24 * 3_600_000;

/** `count` messages for `patients` patients; the event times of one patient are distinct and in no order. */
export function feed(count: number, patients: number, seed: number): Fed[] {
  const random = randomFrom(seed);
  const from = Date.now() - spanMs;
  const spoken = new Set<number>();
  return Array.from({ length: count }, (_, index) => {
    const patient = index < patients ? index : Math.floor(random() * patients);
    const mrn = `CH${seed}P${patient}`;
    // Mostly onwards in time, by a jitter that lets every third or so come late.
    const at = from + index * 60_000 + Math.floor(random() * 60) * 60_000 + index;
    spoken.add(patient);
    const isValid = random() >= INVALID_SHARE;
    const controlId = `CH${seed}-${index}`;
    const addressLine1 = `${index} Storm Row`;
    const phone = random() < PHONE_SHARE ? `07${String(700_000_000 + index)}` : undefined;
    const person = {
      mrn,
      nhsNumber: testNhsNumber(1_000 + patient * 7),
      familyName: "Storm",
      givenName: "Petrel",
      birthDate: isValid ? "19700101" : "19701345",
      addressLine1,
      ...(phone === undefined ? {} : { phone }),
    };
    const event = index < patients ? "A28" : "A31";
    const bytes = adt({ event, controlId, at, person }).toString();
    return { controlId, mrn, at, addressLine1, ...(phone === undefined ? {} : { phone }), isValid, bytes };
  });
}
