// All SQL of rules.

import type { Queryable, Tx } from "#kernel/db";

/** A document and when it came into force. */
export type RulesInForce = {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly by: string;
  readonly at: Date;
};

const IN_FORCE = `f.name, d.version, f.digest, f.by, f.at`;

/** What is in force under a name, with its text. */
export async function readCurrent(db: Queryable, name: string): Promise<(RulesInForce & { text: string }) | undefined> {
  const [row] = await db.query<RulesInForce & { text: string }>({
    name: "rules.current",
    text: `select ${IN_FORCE}, d.text from rules.in_force f join rules.document d using (name, digest)
      where f.name = $1 order by f.number desc limit 1`,
    values: [name],
  });
  return row;
}

/** What is in force under each name. */
export function readAllCurrent(db: Queryable): Promise<RulesInForce[]> {
  return db.query<RulesInForce>(
    `select distinct on (f.name) ${IN_FORCE} from rules.in_force f join rules.document d using (name, digest)
      order by f.name, f.number desc`,
  );
}

/** What was in force under a name, the newest first. */
export function readHistory(db: Queryable, name: string, most: number): Promise<RulesInForce[]> {
  return db.query<RulesInForce>({
    text: `select ${IN_FORCE} from rules.in_force f join rules.document d using (name, digest)
      where f.name = $1 order by f.number desc limit $2`,
    values: [name, most],
  });
}

export type StoredDocument = {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly text: string;
};

export async function readDocument(db: Queryable, name: string, digest: string): Promise<StoredDocument | undefined> {
  const [row] = await db.query<StoredDocument>({
    text: "select name, version, digest, text from rules.document where name = $1 and digest = $2",
    values: [name, digest],
  });
  return row;
}

/** One change of a name at a time, for the rest of the transaction. */
export function lockName(tx: Tx, name: string): Promise<unknown> {
  return tx.query({ text: "select pg_advisory_xact_lock(hashtext('rules'), hashtext($1))", values: [name] });
}

/** Keeps a document. @returns the digest that its label stands for: another one, if the label was used before */
export async function insertDocument(
  tx: Tx,
  { name, version, digest, text }: StoredDocument,
): Promise<string | undefined> {
  tx.query({
    text: "insert into rules.document (name, version, digest, text) values ($1, $2, $3, $4) on conflict do nothing",
    values: [name, version, digest, text],
  });
  const [row] = await tx.query<{ digest: string }>({
    text: "select digest from rules.document where name = $1 and version = $2",
    values: [name, version],
  });
  return row?.digest;
}

export function insertInForce(tx: Tx, { name, digest, by, at }: Omit<RulesInForce, "version">): Promise<unknown> {
  return tx.query({
    text: "insert into rules.in_force (name, digest, by, at) values ($1, $2, $3, $4)",
    values: [name, digest, by, at],
  });
}
