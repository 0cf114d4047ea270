// What a hospital says of its patients in a storm: every value unique, so that each change is recognised in the ERP.

import { adt, testNhsNumber } from "../journeys/adt.ts";
import { faceAt } from "../journeys/faces.ts";

/** Numbers in [0, 1), the same ones from the same seed (Lehmer's generator, modulus 2^31 - 1). */
export function randomFrom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
  // The first numbers of neighbouring seeds lie close together.
  for (let warmUp = 0; warmUp < 10; warmUp += 1) next();
  return next;
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
const MINUTE_MS = 60_000;
const LATENESS_MINUTES = 1_000;
const SPAN_MS = 20 * 24 * 60 * MINUTE_MS;

/** `count` messages for `patients` patients; the event times of one patient are distinct and in no order. */
export function feed(count: number, patients: number, seed: number): Fed[] {
  const random = randomFrom(seed);
  const from = Date.now() - SPAN_MS;
  return Array.from({ length: count }, (_, index) => {
    const patient = index < patients ? index : Math.floor(random() * patients);
    const face = faceAt(patient);
    const mrn = `CH${seed}P${patient}`;
    // Onwards in time, by a jitter that is long beside the time between two messages of one patient.
    const at = from + index * MINUTE_MS + Math.floor(random() * LATENESS_MINUTES) * MINUTE_MS + index;
    const isValid = random() >= INVALID_SHARE;
    const controlId = `CH${seed}-${index}`;
    const addressLine1 = `${index} Storm Row`;
    const phone = random() < PHONE_SHARE ? `07${String(700_000_000 + index)}` : undefined;
    const person = {
      mrn,
      nhsNumber: testNhsNumber(500_000 + patient * 2),
      familyName: face.familyName,
      givenName: face.givenName,
      birthDate: isValid ? face.birthDate.replaceAll("-", "") : "19701345",
      addressLine1,
      ...(phone === undefined ? {} : { phone }),
    };
    const event = index < patients ? "A28" : "A31";
    const bytes = adt({ event, controlId, at, person }).toString();
    return { controlId, mrn, at, addressLine1, ...(phone === undefined ? {} : { phone }), isValid, bytes };
  });
}
