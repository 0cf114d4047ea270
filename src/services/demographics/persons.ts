// Persons as stewards see and part them: the history of links, and the two things a steward may ask for.

import { createHash } from "node:crypto";
import type { PersonMatching } from "#canonical/contracts";
import { append } from "#engine/audit";
import type { Backbone } from "#engine/backbone";
import { beginJourneys, type NewRoot } from "#engine/channels";
import type { Decider } from "#engine/work";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { leafMaker, PART } from "./leaves.ts";
import { keepApart } from "./links/apart.ts";
import { areOne, linksOf, type ToldLink } from "./links/store.ts";
import { readUnlinking } from "./links/unlink.ts";
import type { Person } from "./person.ts";
import {
  findRecords,
  type PersonKeys,
  type PersonRecord,
  type Restriction,
  readRecord,
  restrictionOf,
} from "./record.ts";
import { readPerson } from "./store.ts";
import type { UnlinkRequest } from "./unmerge/types.ts";

const UNLINK_REQUESTED = "unlink.requested";
/** The role that parts persons. */
const STEWARD = "steward";

/** A person and all that it was joined with and parted from; no value of a person. */
export type PersonHistory = Pick<Person, "id" | "version" | "mergedInto" | "restricted"> & {
  /** A change of the person waits for a decision. */
  readonly waits: boolean;
  /** The journey of that change. */
  readonly waitsIn?: string;
  readonly links: readonly ToldLink[];
};

/** Persons as stewards see and part them. */
export type Persons = {
  /** What is known of a person. @throws PERSON_UNKNOWN */
  read(personId: string): Promise<PersonRecord>;
  /** Whoever goes by any of the keys; nobody: none. */
  find(keys: PersonKeys): Promise<readonly PersonRecord[]>;
  /** Whether whoever goes by any of the keys is restricted. */
  restrictionOf(keys: PersonKeys): Promise<Restriction>;
  /** @throws PERSON_UNKNOWN */
  history(personId: string): Promise<PersonHistory>;
  /**
   * Has a link taken back once two stewards agree (`demographics.unmerge`); one of them may be whoever asks. Audited.
   * @returns the journey that does it
   * @throws ACCESS_REFUSED without the role, PERSON_NOT_LINKED when the person has no such link, PERSON_LINKED_SINCE when
   *   a later one rests on it
   */
  requestUnlink(request: Asking & { readonly linkId: string }): Promise<{ readonly journeyId: string }>;
  /**
   * Remembers for ever that two are never the same; audited.
   * @throws ACCESS_REFUSED without the role, PERSON_UNKNOWN, PERSON_LINKED when they are one at present
   */
  keepApart(request: Asking & { readonly otherId: string }): Promise<void>;
};

/** Who asks about whom, and why in that person's own words. */
type Asking = { readonly personId: string; readonly as: Decider; readonly comment: string };

export type PersonsOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly backbone: Backbone;
  readonly matching: PersonMatching;
};

export function openPersons({ db, clock, backbone, matching }: PersonsOptions): Persons {
  const known = async (id: string): Promise<Person> => {
    const person = await readPerson(db, id);
    if (!person) throw new LockgateError("PERSON_UNKNOWN", { at: id });
    return person;
  };
  return {
    read: (personId) => readRecord(db, personId),
    find: (keys) => findRecords(db, keys),
    restrictionOf: (keys) => restrictionOf(db, keys),

    async history(personId) {
      const [person, links] = await Promise.all([known(personId), linksOf(db, personId)]);
      const { id, version, mergedInto, restricted, proposal } = person;
      const waiting = proposal ? { waits: true, waitsIn: proposal.journeyId } : { waits: false };
      return { id, version, mergedInto, restricted, ...waiting, links };
    },

    async requestUnlink({ personId, linkId, as, comment }) {
      refuseOthers(as);
      const { link } = await readUnlinking(db, linkId);
      if (link.personId !== personId && link.otherId !== personId)
        throw new LockgateError("PERSON_NOT_LINKED", { at: linkId });
      const journeyId = newId();
      const request: UnlinkRequest = { linkId, personId: link.personId, by: as.name, comment };
      // A topic's number is learnt on a connection of its own; not from within a transaction that holds one.
      await backbone.numberOf(UNLINK_REQUESTED);
      await db.transaction(async (tx) => {
        await beginJourneys(tx, [rootOf({ journeyId, at: clock.now(), by: as.name, asked: request, strands: 1 })]);
        await backbone.publish(tx, [
          {
            topic: UNLINK_REQUESTED,
            session: link.personId,
            journeyId,
            body: Buffer.from(JSON.stringify(request)),
            contentType: "application/vnd.lockgate.unlink-request+json",
            source: PART,
          },
        ]);
        const leaf = leafMaker(clock, { journeyId });
        await append(tx, [leaf("unlink.requested", "ok", { actor: as.name, detail: { link: linkId } })]);
      });
      backbone.hint(UNLINK_REQUESTED);
      return { journeyId };
    },

    async keepApart({ personId, otherId, as }) {
      refuseOthers(as);
      const [person, other] = await Promise.all([known(personId), known(otherId)]);
      if (await areOne(db, person.id, other.id)) throw new LockgateError("PERSON_LINKED", { at: otherId });
      const journeyId = newId();
      await db.transaction(async (tx) => {
        const asked = { personId, otherId };
        await beginJourneys(tx, [rootOf({ journeyId, at: clock.now(), by: as.name, asked, strands: 0 })]);
        const apart = { oneId: personId, otherId, by: [as.name], journeyId, code: "MT-212" };
        await keepApart(tx, matching, apart);
        const leaf = leafMaker(clock, { journeyId });
        await append(tx, [leaf("apart", "ok", { actor: as.name, detail: { one: personId, other: otherId } })]);
      });
    },
  };
}

/** The root of a steward's request, found by whom it is about. */
function rootOf({
  journeyId,
  at,
  by,
  asked,
  strands,
}: Pick<NewRoot, "journeyId" | "by" | "strands"> & {
  readonly at: number;
  readonly asked: { readonly personId: string };
}): NewRoot {
  return {
    journeyId,
    at: new Date(at),
    origin: "demographics.links",
    by,
    requestId: journeyId,
    digest: createHash("sha256").update(JSON.stringify(asked)).digest(),
    keys: [{ kind: "personId", value: asked.personId }],
    strands,
  };
}

/** @throws ACCESS_REFUSED */
function refuseOthers({ roles }: Decider): void {
  if (!roles.includes(STEWARD)) throw new LockgateError("ACCESS_REFUSED", { reason: "role" });
}
