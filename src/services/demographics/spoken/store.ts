// SQL of what was said of joined persons: by which identifiers, so that it can follow whom it was about.

import { type PersonField, whereabouts } from "#canonical/model";
import type { Queryable, Tx } from "#kernel/db";
import type { Vault } from "#kernel/vault";
import { type Before, type Link, openBefore, sealBefore } from "../links/store.ts";
import { fieldsWhere } from "../person.ts";
import type { KnownFields } from "../said.ts";

/** A statement about a person whom others live on as. */
export type Spoken = {
  readonly id: string;
  readonly keys: readonly string[];
  readonly fields: KnownFields;
  /** What somebody refused to take over of it, seeing the joined person. */
  readonly declined?: KnownFields;
};

const STATEMENT = "demographics.said.statement";
type Statement = Omit<Spoken, "id">;
/** Bound to the journey that said it: whom it is about may change. */
const sealed = (vault: Vault, journeyId: string, { keys, fields, declined }: Statement): Buffer =>
  vault.seal(JSON.stringify({ keys, fields, declined }), STATEMENT, journeyId);
const opened = (vault: Vault, journeyId: string, statement: Buffer): Statement =>
  JSON.parse(vault.open(statement, STATEMENT, journeyId).toString()) as Statement;

/** Remembers under which identifiers something was said, while persons are joined. */
export async function insertSpoken(
  tx: Tx,
  personId: string,
  journeyId: string,
  statement: Omit<Spoken, "id">,
): Promise<void> {
  await tx.query({
    name: "demographics.said",
    text: "insert into demographics.said (person_id, journey_id, statement) values ($1, $2, $3)",
    values: [personId, journeyId, sealed(tx.vault, journeyId, statement)],
  });
}

/** What was said of a person since a link of it was made, in order. */
export async function spokenSince(db: Queryable, { personId, id }: Link): Promise<Spoken[]> {
  const rows = await db.query<Row>({
    text: `select s.id, s.journey_id as "journeyId", s.statement from demographics.said s join demographics.link l on l.id = $2
      where s.person_id = $1 and s.at >= l.at order by s.id`,
    values: [personId, id],
  });
  return rows.map((row) => ({ id: row.id, ...opened(db.vault, row.journeyId, row.statement) }));
}

type Row = { readonly id: string; readonly journeyId: string; readonly statement: Buffer };

/** Gives statements to whom they were about. */
export async function moveSpoken(tx: Tx, ids: readonly string[], to: string): Promise<void> {
  await tx.query({
    text: "update demographics.said set person_id = $2 where id = any($1::bigint[])",
    values: [ids, to],
  });
}

/** What a journey said of these fields has not come to be known after all. */
export async function unsay(tx: Tx, personId: string, journeyId: string, fields: readonly string[]): Promise<void> {
  const rows = await tx.query<Row>({
    text: `select id, journey_id as "journeyId", statement from demographics.said where person_id = $1 and journey_id = $2 for update`,
    values: [personId, journeyId],
  });
  await without(tx, rows, new Set(fields));
}

async function without(tx: Tx, rows: readonly Row[], gone: ReadonlySet<string>): Promise<void> {
  const changed = rows.flatMap(({ id, journeyId, statement }) => {
    const { keys, ...said } = opened(tx.vault, journeyId, statement);
    const [fields, declined] = [keptOf(said.fields, gone), said.declined && keptOf(said.declined, gone)];
    if (fields === said.fields && declined === said.declined) return [];
    return [{ id, statement: sealed(tx.vault, journeyId, { keys, fields, ...(declined ? { declined } : {}) }) }];
  });
  if (changed.length === 0) return;
  await tx.query({
    text: `update demographics.said s set statement = c.statement from unnest($1::bigint[], $2::bytea[]) as c(id, statement)
      where s.id = c.id`,
    values: [changed.map(({ id }) => id), changed.map(({ statement }) => statement)],
  });
}

/** `fields` without those that are gone; the same object where none of them is there. */
const keptOf = (fields: KnownFields, gone: ReadonlySet<string>): KnownFields =>
  Object.keys(fields).some((field) => gone.has(field))
    ? fieldsWhere(fields, (field: PersonField) => !gone.has(field))
    : fields;

/** What tells where a person is, who is withheld from now on, is in no image of before either. */
export async function withhold(tx: Tx, personId: string): Promise<void> {
  const gone: ReadonlySet<string> = whereabouts;
  const [said, links] = await Promise.all([
    tx.query<Row>({
      text: `select id, journey_id as "journeyId", statement from demographics.said where person_id = $1 for update`,
      values: [personId],
    }),
    tx.query<{ id: string; before: Buffer }>({
      text: `select id, before from demographics.link where person_id = $1 and kind in ('merged', 'matched', 'unlinked') for update`,
      values: [personId],
    }),
  ]);
  await without(tx, said, gone);
  for (const { id, before } of links) {
    const image = openBefore(tx.vault, id, before);
    // Of a link that was taken back nothing is kept.
    if (image.fields) await rewriteImage(tx, id, image, gone);
  }
}

async function rewriteImage(tx: Tx, id: string, image: Before, gone: ReadonlySet<string>): Promise<void> {
  const [fields, applied] = [keptOf(image.fields, gone), keptOf(image.applied, gone)];
  if (fields === image.fields && applied === image.applied) return;
  await tx.query({
    text: "update demographics.link set before = $2 where id = $1",
    values: [id, sealBefore(tx.vault, id, { ...image, fields, applied })],
  });
}

/** What was said is kept no longer than somebody may part from the person. */
export async function forgetSpoken(tx: Tx, personId: string): Promise<void> {
  await tx.query({
    text: `delete from demographics.said s where s.person_id = $1
      and not exists (select from demographics.link l where l.person_id = s.person_id and l.kind in ('merged', 'matched')
        and l.at <= s.at and not exists (select from demographics.link u where u.undoes = l.id))`,
    values: [personId],
  });
}
