// Named, versioned rules that decisions rest on: changed while the platform runs, kept for ever, each change audited.

import { append } from "#engine/audit";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import {
  insertDocument,
  insertInForce,
  lockName,
  type RulesInForce,
  readAllCurrent,
  readCurrent,
  readDocument,
  readHistory,
  type StoredDocument,
} from "./store.ts";

/** How long a node goes by what it read last: so soon every node follows a change. */
const FRESH_MS = 1_000;
const MOST_HISTORY = 200;
/** Who puts the shipped rules in force. */
const INSTALLER = "lockgate";

/** What rules say of themselves once they are read. */
export type RuleDocument = { readonly name: string; readonly version: string; readonly digest: string };

/** The rules of a database; `Document` is what their text means. */
export type Rules<Document extends RuleDocument = RuleDocument> = {
  /** What is in force, as of at most a second ago. @throws RULES_UNKNOWN, RULES_INVALID when this build cannot read it */
  current(name: string): Promise<Document>;
  /** What is in force under each name. */
  list(): Promise<RulesInForce[]>;
  /** What is in force under a name, at this moment. */
  inForce(name: string): Promise<RulesInForce | undefined>;
  /**
   * Puts a text in force; with `seen`, only where that digest is in force (undefined: none ever was). What is in force already
   * stays as it is; content that was in force before may come back.
   * @throws RULES_INVALID; RULES_VERSION_TAKEN when its version label stands for other content; PRECONDITION_FAILED where
   *   another one came into force since
   */
  put(
    name: string,
    text: string,
    actor: string,
    seen?: { readonly digest: string | undefined },
  ): Promise<{ readonly document: Document; readonly changed: boolean }>;
  /** What came into force when, the newest first. @throws RULES_UNKNOWN */
  history(name: string): Promise<RulesInForce[]>;
  /** A text as it was put; without a digest the one in force. @throws RULES_UNKNOWN */
  read(name: string, digest?: string): Promise<StoredDocument>;
  /** Puts the shipped text in force where none ever was. @throws RULES_INVALID */
  install(name: string, text: string): Promise<void>;
};

/** Opens the rules; any number of nodes may. `check` reads a text. @throws RULES_INVALID from `check` */
export function openRules<Document extends RuleDocument>(
  { db, clock, log }: { readonly db: Db; readonly clock: Clock; readonly log: Log },
  { check }: { readonly check: (name: string, text: string) => Document },
): Rules<Document> {
  const known = new Map<string, { readonly document: Promise<Document>; readonly freshTill: number }>();

  const checked = (name: string, text: string): Document => {
    const document = check(name, text);
    if (document.name !== name)
      throw new LockgateError("RULES_INVALID", { at: "name", reason: "the rules go by another" });
    return document;
  };

  const refresh = async (name: string, before: Promise<Document> | undefined): Promise<Document> => {
    const [row, held] = await Promise.all([readCurrent(db, name), before?.catch(() => undefined)]);
    if (!row) throw new LockgateError("RULES_UNKNOWN", { at: name });
    if (held?.digest === row.digest) return held;
    const document = checked(name, row.text);
    log.info("rules in force", { rules: name, version: document.version, digest: document.digest });
    return document;
  };

  const bringIntoForce = async (tx: Tx, document: Document, text: string, by: string): Promise<void> => {
    const { name, version, digest } = document;
    if ((await insertDocument(tx, { name, version, digest, text })) !== digest)
      throw new LockgateError("RULES_VERSION_TAKEN", { at: "version" });
    const at = new Date(clock.now());
    insertInForce(tx, { name, digest, by, at });
    const detail = { rules: name, version, digest };
    await append(tx, [{ at, part: "rules", name: "rules.applied", outcome: "ok", actor: by, detail }]);
  };

  return {
    current(name) {
      const held = known.get(name);
      if (held && clock.now() < held.freshTill) return held.document;
      const document = refresh(name, held?.document);
      known.set(name, { document, freshTill: clock.now() + FRESH_MS });
      // A failure is not remembered: whoever asks next asks the database.
      document.catch(() => known.get(name)?.document === document && known.delete(name));
      return document;
    },
    list: () => readAllCurrent(db),
    inForce: (name) => readCurrent(db, name),
    async put(name, text, actor, seen) {
      const document = checked(name, text);
      const changed = await db.transaction(async (tx) => {
        await lockName(tx, name);
        const digest = (await readCurrent(tx, name))?.digest;
        if (digest === document.digest) return false;
        if (seen && digest !== seen.digest) throw new LockgateError("PRECONDITION_FAILED", { at: name });
        await bringIntoForce(tx, document, text, actor);
        return true;
      });
      known.delete(name);
      return { document, changed };
    },
    async history(name) {
      const rows = await readHistory(db, name, MOST_HISTORY);
      if (rows.length === 0) throw new LockgateError("RULES_UNKNOWN", { at: name });
      return rows;
    },
    async read(name, digest) {
      const stored = digest === undefined ? await readCurrent(db, name) : await readDocument(db, name, digest);
      if (!stored) throw new LockgateError("RULES_UNKNOWN", { at: name });
      return { name, version: stored.version, digest: stored.digest, text: stored.text };
    },
    async install(name, text) {
      const document = checked(name, text);
      await db.transaction(async (tx) => {
        await lockName(tx, name);
        if (!(await readCurrent(tx, name))) await bringIntoForce(tx, document, text, INSTALLER);
      });
    },
  };
}
