// A pair of persons as matching looks at them: always the same two in the same order, and a digest of what counts.

import { hash } from "node:crypto";
import { v5 } from "uuid";
import { type FindablePerson, matchedFields } from "#canonical/contracts";
import type { Envelope, NewMessage } from "#engine/backbone";
import { findableOf } from "../findable.ts";
import { PART } from "../leaves.ts";
import type { Person } from "../person.ts";
import type { Suspected } from "./types.ts";

/** Name space (RFC 9562 §6.6) of the journeys that ask about a pair. */
const PAIRS = "8d1f6b52-6e3f-5c0a-9a54-0b6f3a7f9d10";

/** Digest of what matching looks at in a person: SHA-256, base64url. */
export const digestOf = (person: Person): string => digestOfFindable(findableOf({ ...person, newKeys: [] }));

/** As `digestOf`, of somebody as matching finds them. */
export function digestOfFindable({ fields, formerNumbers = [] }: Omit<FindablePerson, "personId">): string {
  const told = matchedFields.map((field) => fields[field] ?? null);
  return hashed([...told, formerNumbers.toSorted()]);
}

/** As `digestOf`, of both, whoever comes first. */
export const pairDigest = (one: Person, other: Person): string => hashed([one, other].map(digestOf).toSorted());

const hashed = (parts: unknown): string => hash("sha256", JSON.stringify(parts), "base64url");

/** The ids of a pair in their order. */
export const ordered = (one: string, other: string): readonly [string, string] =>
  one < other ? [one, other] : [other, one];

/** Has a pair looked at by a steward. Of a pair that was asked about as it is now, the journey is the same: nothing happens. */
export function suspectedMessage(
  from: Pick<Envelope, "position">,
  { personId, otherId, code, digest }: Suspected,
): NewMessage {
  const [one, other] = ordered(personId, otherId);
  return {
    topic: "duplicate.suspected",
    session: one,
    journeyId: v5(`${one}:${other}:${digest}`, PAIRS),
    body: Buffer.from(JSON.stringify({ personId, otherId, code, digest } satisfies Suspected)),
    contentType: "application/vnd.lockgate.duplicate-suspected+json",
    source: PART,
    causationId: String(from.position),
  };
}
