// Accesses: leaves about who asked for what, appended with an index by actor and by what was seen.

import type { Queryable, Tx } from "#kernel/db";
import type { Vault } from "#kernel/vault";
import { commit, newSalt } from "../commitment.ts";
import { leafBody, storedLeaf } from "../leaf.ts";
import { type AccessRow, insertAccesses, selectAccesses } from "./store.ts";
import type { AccessFilter, NewAccess, StoredAccess } from "./types.ts";

const REASON = "audit.access.reason";

/**
 * Appends accesses: leaf and index in one commit, so that what is in the log can be found.
 * One statement, whatever their number, which need not be awaited: what cannot be written is told at once.
 * @throws AUDIT_BAD_LEAF when a leaf is over 65,535 bytes or cannot be written as canonical JSON.
 */
export function appendAccesses(tx: Tx, accesses: readonly NewAccess[]): Promise<unknown> {
  if (accesses.length === 0) return Promise.resolve();
  const rows = accesses.map((one) => rowOf(tx.vault, one));
  return insertAccesses(tx, rows);
}

/** Accesses, newest first. */
export async function accesses(db: Queryable, filter: AccessFilter): Promise<StoredAccess[]> {
  const found = await selectAccesses(db, filter);
  return found.map(({ position, body, reason, ...rest }) => ({
    ...rest,
    reason: reason && db.vault.open(reason, REASON, rest.id).toString(),
    leaf: storedLeaf(position, body),
  }));
}

function rowOf(vault: Vault, { id, leaf, purpose, reason, about }: NewAccess): AccessRow {
  const salt = reason === undefined ? null : newSalt();
  const commitments = salt === null || reason === undefined ? {} : { commitments: { reason: commit(salt, reason) } };
  return {
    id,
    at: leaf.at,
    name: leaf.name,
    actor: leaf.actor ?? null,
    purpose: purpose ?? null,
    reason: reason === undefined ? null : vault.seal(reason, REASON, id),
    salt,
    journeyId: leaf.journeyId ?? null,
    body: leafBody({ ...leaf, ...commitments, detail: { ...leaf.detail, id } }),
    about: [...new Set(about)].join(" "),
  };
}
