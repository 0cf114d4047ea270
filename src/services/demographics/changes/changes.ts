// Changes proposed by request: each is a journey of its own, and the same statement that a wire's message would be.

import { createHash } from "node:crypto";
import { identifierKey, type PersonUpdate } from "#canonical/model";
import type { Environment } from "#canonical/rules";
import { canonicalJson } from "#engine/audit";
import type { Backbone } from "#engine/backbone";
import { type BusinessKey, beginJourneys, readBegun } from "#engine/channels";
import type { Sagas } from "#engine/sagas";
import type { Work } from "#engine/work";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { PART } from "../leaves.ts";
import { checkChange } from "./check.ts";
import { followChange } from "./follow.ts";
import type { Change, Proposed, ProposedChange } from "./types.ts";

/** Where such journeys begin. */
export const CHANGES = "demographics.changes";
const PERSON_UPDATED = "person.updated";

/** Who proposes, and under which key the same proposal may come again. */
export type Proposer = {
  readonly id: string;
  readonly key?: string | undefined;
  readonly traceparent?: string | undefined;
};

/** Changes proposed by request. */
export type Changes = {
  /**
   * Takes a proposal in: what is told as `taken` is durable. Under a key that the proposer has used for the same it is the
   * one that was taken then.
   * @throws IDEMPOTENCY_KEY_REUSED
   */
  propose(change: ProposedChange, by: Proposer): Promise<Proposed>;
  /** @throws CHANGE_UNKNOWN */
  follow(id: string): Promise<Change>;
};

export type ChangesOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly backbone: Backbone;
  readonly sagas: Pick<Sagas, "ofJourney">;
  readonly work: Work;
  readonly environment: Environment;
};

export function openChanges(options: ChangesOptions): Changes {
  const { db, clock, backbone, environment } = options;
  return {
    async propose(change, by) {
      const checked = checkChange(change, { environment, nowMs: clock.now(), by: by.id });
      if ("faults" in checked) return { outcome: "refused", faults: checked.faults };
      const { update, notes } = checked;
      const journeyId = newId();
      const root = {
        journeyId,
        at: new Date(clock.now()),
        origin: CHANGES,
        by: by.id,
        requestId: by.key === undefined ? journeyId : `key:${by.key}`,
        digest: createHash("sha256")
          .update(canonicalJson(JSON.parse(JSON.stringify(change))))
          .digest(),
        keys: keysOf(update),
        strands: 1,
      };
      // A topic's number is learnt on a connection of its own; not from within a transaction that holds one.
      await backbone.numberOf(PERSON_UPDATED);
      const isBegun = await db.transaction(async (tx) => {
        const begun = await beginJourneys(tx, [root]);
        if (!begun.has(journeyId)) return false;
        await backbone.publish(tx, [
          {
            topic: PERSON_UPDATED,
            session: sessionOf(update),
            journeyId,
            body: Buffer.from(JSON.stringify(update)),
            contentType: "application/json",
            source: PART,
            traceparent: by.traceparent,
          },
        ]);
        return true;
      });
      if (isBegun) {
        backbone.hint(PERSON_UPDATED);
        return { outcome: "taken", id: journeyId, notes };
      }
      const known = await readBegun(db, root);
      if (!known) throw new LockgateError("DATABASE_UNAVAILABLE"); // the one that was quicker has been rolled back
      if (!known.digest.equals(root.digest)) throw new LockgateError("IDEMPOTENCY_KEY_REUSED");
      return { outcome: "taken", id: known.journeyId, notes };
    },
    follow: (id) => followChange(options, CHANGES, id),
  };
}

/** As for a message of a wire: the first local number, else the NHS number. */
function sessionOf({ identifiers: [first], fields }: PersonUpdate): string {
  return first ? identifierKey(first) : `NHS:${fields.nhsNumber}`;
}

function keysOf({ identifiers, fields }: PersonUpdate): BusinessKey[] {
  const keys = new Map<string, BusinessKey>();
  for (const identifier of identifiers)
    for (const value of [identifierKey(identifier), identifier.value]) keys.set(value, { kind: "localId", value });
  if (fields.nhsNumber) keys.set(fields.nhsNumber, { kind: "nhsNumber", value: fields.nhsNumber });
  return [...keys.values()];
}
