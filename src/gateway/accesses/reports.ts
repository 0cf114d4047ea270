// Reports on accesses: who looked at whom, and which looks a privacy officer should ask about.
//
// Limits: whoever is on staff and a patient too is known only where a link says so; a surname is compared only between staff
// who are linked and persons whom the access names.

import { compareFamilyName, familyNameParts } from "#canonical/rules";
import { type AccessFilter, accesses, type StoredAccess } from "#engine/audit";
import { findRoots } from "#engine/channels";
import type { Work } from "#engine/work";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { PersonRecord, Persons } from "#services/demographics";
import { REVIEW_QUEUE } from "./review.ts";
import { selectStaff, selectWatched } from "./store.ts";

/** What there is to ask for. */
export const reportKinds = ["looked-at", "opened-by", "own-record", "same-surname", "watched", "break-glass"] as const;
export type ReportKind = (typeof reportKinds)[number];

/** Of whom, by whom, when; pages go backwards by position. */
export type ReportQuestion = Pick<AccessFilter, "since" | "until" | "before"> & {
  readonly kind: ReportKind;
  readonly personId?: string | undefined;
  readonly actor?: string | undefined;
  readonly most: number;
};

/** One line of a report. */
export type ReportLine = StoredAccess & {
  /** Of a broken glass: what became of its review, `justified` or `unjustified`; until then how it stands. */
  readonly review?: string;
};

export type ReportSources = {
  readonly db: Db;
  readonly persons: Pick<Persons, "read">;
  readonly work: Pick<Work, "list" | "decisions">;
};

/** Journeys of one person that a report goes through. */
const MOST_JOURNEYS = 1_000;
const MOST_REVIEWS = 1_000;
/** Ids of one query. */
const MOST_SCANNED = 1_000;

/** The lines of a report, newest first. @throws REQUEST_INVALID where it needs a person or an actor and none is named */
export async function reportOf(sources: ReportSources, question: ReportQuestion): Promise<readonly ReportLine[]> {
  const { db } = sources;
  const { kind, personId, actor, ...page } = question;
  switch (kind) {
    case "looked-at":
      if (personId === undefined) throw missing("personId");
      return accesses(db, { ...page, actor, about: await keysOf(sources, personId) });
    case "opened-by":
      if (actor === undefined) throw missing("actor");
      return accesses(db, { ...page, actor });
    case "own-record":
      return newest(page.most, await ofStaff(sources, question, ownRecord));
    case "same-surname":
      return newest(page.most, await ofStaff(sources, question, sameSurname));
    case "watched": {
      const keys = await Promise.all((await selectWatched(db)).map((id) => keysOf(sources, id)));
      return keys.length === 0 ? [] : accesses(db, { ...page, actor, about: keys.flat() });
    }
    case "break-glass":
      return withReviews(sources, await accesses(db, { ...page, actor, purpose: "break-glass" }));
  }
}

const missing = (at: string): LockgateError => new LockgateError("REQUEST_INVALID", { at, reason: "required" });

const newest = (most: number, lines: readonly StoredAccess[]): StoredAccess[] =>
  lines.toSorted((a, b) => b.leaf.position - a.leaf.position).slice(0, most);

/** Everything of ours that shows something of a person: the record, and the journeys that go by one of the person's names. */
async function keysOf({ db, persons }: ReportSources, personId: string): Promise<string[]> {
  const record = await known(persons, personId);
  const names = [
    personId,
    ...(record?.nhsNumber ? [record.nhsNumber] : []),
    ...(record?.identifiers ?? []).flatMap(({ system, value }) => [value, `${system}:${value}`]),
  ];
  const roots = await Promise.all([...new Set(names)].map((name) => findRoots(db, name, MOST_JOURNEYS)));
  return [`person/${personId}`, ...new Set(roots.flat().map(({ journeyId }) => `journey/${journeyId}`))];
}

/** A person whom nobody knows any more may still have been looked at. */
async function known(persons: ReportSources["persons"], personId: string): Promise<PersonRecord | undefined> {
  return persons.read(personId).catch((thrown: unknown) => {
    if (thrown instanceof LockgateError && thrown.code === "PERSON_UNKNOWN") return undefined;
    throw thrown;
  });
}

type OfStaff = (
  sources: ReportSources,
  staff: { readonly actor: string; readonly personId: string },
  page: Omit<AccessFilter, "actor" | "about">,
) => Promise<readonly StoredAccess[]>;

async function ofStaff(sources: ReportSources, question: ReportQuestion, look: OfStaff): Promise<StoredAccess[]> {
  const { since, until, before, most, actor } = question;
  const staff = (await selectStaff(sources.db)).filter((one) => actor === undefined || one.actor === actor);
  const found: StoredAccess[] = [];
  for (const one of staff) found.push(...(await look(sources, one, { since, until, before, most })));
  return found;
}

const ownRecord: OfStaff = async (sources, { actor, personId }, page) =>
  accesses(sources.db, { ...page, actor, about: await keysOf(sources, personId) });

/** Looks at somebody else of the same family name; names are compared here and kept nowhere. */
const sameSurname: OfStaff = async ({ db, persons }, { actor, personId }, page) => {
  const own = surnames(await known(persons, personId));
  if (own.size === 0) return [];
  const names = new Map<string, ReadonlySet<string>>();
  const found: StoredAccess[] = [];
  for (const access of await accesses(db, { ...page, actor, most: MOST_SCANNED })) {
    for (const id of personsIn(access)) {
      if (id === personId) continue;
      if (!names.has(id)) names.set(id, surnames(await known(persons, id)));
      if (!names.get(id)!.isDisjointFrom(own)) {
        found.push(access);
        break;
      }
    }
  }
  return found;
};

const personsIn = ({ about }: StoredAccess): string[] =>
  about.flatMap((one) => (one.startsWith("person/") ? [one.slice("person/".length)] : []));

function surnames(record: PersonRecord | undefined): ReadonlySet<string> {
  const name = record?.familyName;
  return new Set(typeof name === "string" ? [compareFamilyName(name), ...familyNameParts(name)].filter(Boolean) : []);
}

async function withReviews({ work }: ReportSources, found: readonly StoredAccess[]): Promise<ReportLine[]> {
  const items = await work.list({ queue: REVIEW_QUEUE, state: "waiting", most: MOST_REVIEWS });
  const decisions = await work.decisions(found.map(({ id }) => id));
  const states = new Map(items.map(({ id, state, escalatedAt }) => [id, escalatedAt ? `${state}, escalated` : state]));
  return found.map((one) => ({ ...one, review: decisions.get(one.id) ?? states.get(one.id) ?? "none" }));
}
