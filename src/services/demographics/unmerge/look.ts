// First step of taking a link back: what would change of whom, and two stewards who say so.

import { type PersonField, personFields } from "#canonical/model";
import type { Effects } from "#engine/backbone";
import type { StepEnd } from "#engine/sagas";
import type { NewItem } from "#engine/work";
import { leafMaker } from "../leaves.ts";
import { standingUnlinking } from "../links/unlink.ts";
import type { KnownFields } from "../person.ts";
import type { DemographicsOptions, Row } from "../types.ts";
import type { Looked, UnmergeContext } from "./types.ts";

/** How many different stewards it takes. */
const STEWARDS = 2;
const DUE_MS = 24 * 3_600_000;

/** Outcome `unchanged`: there is no such link, or it was taken back meanwhile. */
export const look =
  ({ db }: Pick<DemographicsOptions, "db">) =>
  async ({ input }: UnmergeContext<unknown>): Promise<StepEnd<Looked | null>> => {
    const unlinking = await standingUnlinking(db, input.linkId);
    if (!unlinking) return { result: null, outcome: "unchanged" };
    const { link, person, fields, other } = unlinking;
    const { id, kind, personId, otherId, by, code, journeyId, at } = link;
    return {
      result: {
        link: { id, kind, personId, otherId, by, code, journeyId, at: at.toISOString() },
        rows: rowsOf(person.fields, fields),
        otherRows: other ? rowsOf(other.held, other.parted.otherFields) : [],
        restricted: person.restricted,
        keys: other?.parted.keys ?? [],
      },
    };
  };

/** The fields that differ. */
export const differing = (before: KnownFields, after: KnownFields): PersonField[] =>
  personFields.filter((field) => (before[field]?.value ?? null) !== (after[field]?.value ?? null));

const rowsOf = (before: KnownFields, after: KnownFields): Row[] =>
  differing(before, after).map((field) => ({
    field,
    current: before[field]?.value ?? null,
    proposed: after[field]?.value ?? null,
    code: "MG-501",
    risk: "high",
  }));

/** Asks two stewards. */
export const askToUnlink =
  ({ clock }: Pick<DemographicsOptions, "clock">) =>
  async ({
    input,
    results,
    instance,
  }: UnmergeContext<{ readonly look: Looked | null }>): Promise<
    Effects & { readonly item: Omit<NewItem, "reply" | "journeyId"> }
  > => {
    const { link, rows, otherRows, restricted, keys } = results.look!;
    return {
      leaves: [leafMaker(clock, instance)("asked", "waiting", { code: "MG-501" })],
      item: {
        queue: "demographics-steward",
        domain: "demographics",
        reason: "MG-501",
        criticality: "high",
        subject: link.personId,
        title: TITLES[link.kind as keyof typeof TITLES],
        content: {
          link,
          restricted,
          rows,
          otherRows,
          identifiers: keys,
          requestedBy: input.by,
          comment: input.comment,
        },
        tried: [],
        actions: [
          { name: "unlink", quorum: STEWARDS, roles: ["steward"] },
          { name: "leave", quorum: 1, roles: ["steward"] },
        ],
        excluded: [],
        dueAt: new Date(clock.now() + DUE_MS),
      },
    };
  };

const TITLES = {
  merged: "A merge of two persons is to be taken back",
  matched: "A link by matching is to be taken back",
  superseded: "A replacement of an NHS number is to be taken back",
} as const;
