// A statement against what is known of its person: what is new in it, field by field.

import type { PersonChanges, PersonField, PersonUpdate } from "#canonical/model";
import {
  applyStatement,
  fieldsWhere,
  type KnownFields,
  marked,
  newest,
  type Person,
  type Said,
  saidIn,
  saidOf,
} from "./person.ts";
import type { News } from "./types.ts";

/** A person as a step sees one: known, or about to be. */
export type Subject = Omit<Person, "version"> & { readonly version: number | undefined };

/**
 * Somebody we do not know yet. What a system held already counts as older than anything said.
 * @param notOwn an NHS number that is another's, whoever says it
 */
export function newSubject(id: string, held: PersonChanges = {}, source = "", notOwn?: string): Subject {
  const fields = Object.fromEntries(Object.entries(held).map(([field, value]) => [field, { value, at: 0, source }]));
  return {
    id,
    version: undefined,
    fields: fields as KnownFields,
    refused: {},
    restricted: false,
    mergedInto: null,
    numbers: notOwn ? [{ number: notOwn, status: "02", current: false, supersededBy: null }] : [],
    proposal: null,
    joined: false,
  };
}

/** What a statement brings. */
export type Judged = {
  readonly news: News;
  /** What it says newly. */
  readonly changed: KnownFields;
  /** What is known, with what was only said again. */
  readonly restated: KnownFields;
  /** What is proposed already, where this statement says some of it again. */
  readonly renewed: KnownFields | undefined;
};

/** Judges a statement against what is known, what is proposed, and what was refused. */
export function judgeStatement(
  subject: Subject,
  statement: Pick<PersonUpdate, "fields" | "raw" | "eventAt" | "source">,
): Judged {
  const proposed = subject.proposal?.fields ?? {};
  const said = fieldsWhere(saidIn(statement), (field) => counts(subject, field, statement.fields[field]));
  const change = applyStatement(newest(subject.fields, proposed), said);
  const isRefused = (field: PersonField): boolean =>
    field in subject.refused && subject.refused[field] === change.changed[field];
  const changed = fieldsWhere(change.fields, (field) => field in change.changed && !isRefused(field));
  const again = saidAgain(proposed, said);
  return {
    news: newsOf(changed, again, change.outdated),
    changed,
    restated: {
      ...subject.fields,
      ...saidAgain(subject.fields, said),
      ...blanks(subject, said),
    },
    renewed: Object.keys(again).length === 0 ? undefined : { ...proposed, ...again },
  };
}

function newsOf(changed: KnownFields, again: KnownFields, outdated: readonly PersonField[]): News {
  if (Object.keys(changed).length > 0) return "changed";
  if (Object.keys(again).length > 0) return "joined";
  return outdated.length > 0 ? "superseded" : "unchanged";
}

/** The status of a number is what verification finds, not what is said; a number that was replaced is not said anew. */
function counts({ numbers }: Subject, field: PersonField, value: unknown): boolean {
  if (field === "nhsNumberStatus") return false;
  return field !== "nhsNumber" || !numbers.some((held) => held.number === value && !held.current);
}

/** What `known` holds and `said` says again at the same time or later, as it says it. */
function saidAgain(known: KnownFields, said: KnownFields): KnownFields {
  const again: { [F in PersonField]?: Said } = {};
  for (const [field, before] of saidOf(known)) {
    const next = said[field];
    if (next && next.value === before.value && before.at <= next.at) again[field] = marked(next, before);
  }
  return again;
}

/** A removal of what nobody has said yet changes nothing now, and keeps older values out. */
const blanks = ({ fields }: Subject, said: KnownFields): KnownFields =>
  fieldsWhere(said, (field) => said[field]?.value === null && !(field in fields));
