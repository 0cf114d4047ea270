// The ERP's database: companies, their records and number series, commits, the ledger, and the lagging read replica.

import { type CommitLine, type JournalFile, noJournalFile, openJournalFile } from "./journal-file.ts";
import type { LedgerEntry, PendingEntry } from "./ledger.ts";
import { type Company, companies, seedCompany } from "./seed.ts";
import { tables } from "./tables/catalogue.ts";
import { instantText } from "./tables/fields.ts";
import { createRecords, type Records, type Row } from "./tables/table.ts";

/** One record before and after a write of a transaction. */
export interface RowChange {
  companyId: string;
  entitySet: string;
  id: string;
  before: Row | undefined;
  after: Row | undefined;
}

/** For how long reads do not see what a commit inserted or modified, as on a read replica. */
export interface ReplicaLag {
  inserts: boolean;
  modifications: boolean;
  durationMs: number;
}

/** The database all surfaces share. Everything is synchronous, so what runs between two awaits is serial. */
export interface Database {
  readonly companies: readonly Company[];
  readonly ledger: readonly LedgerEntry[];
  records(companyId: string, entitySet: string): Records;
  /** The next row version, higher than every one before. */
  nextVersion(): number;
  /** The next number of a series; undefined when the series is unknown or used up. Never taken back. */
  nextNumber(companyId: string, code: string): string | undefined;
  /** Makes written rows and their ledger entries permanent. */
  commit(changes: readonly RowChange[], entries: readonly PendingEntry[], lag: ReplicaLag | undefined): void;
  /** What a read may see of a record: the record, its state before a lagging commit, or nothing. */
  visible(row: Row | undefined): Row | undefined;
  /** Whether any commit is still lagging, so that reads must not trust an index. */
  lagging(): boolean;
  now(): Date;
  /** Back to the seed data; forgets the ledger and the file. */
  reset(): void;
  close(): void;
}

interface SeriesState {
  prefix: string;
  digits: number;
  lastUsed: number;
}

interface State {
  version: number;
  records: Map<string, Map<string, Records>>;
  series: Map<string, Map<string, SeriesState>>;
  ledger: LedgerEntry[];
  hidden: Map<string, { tillMs: number; before: Row | undefined }>;
}

/** Opens the database: seed data, then every commit kept in `directory`; in memory without one. */
export function openDatabase(directory: string | undefined, nowMs: () => number): Database {
  const opened: { file: JournalFile; commits: CommitLine[] } =
    directory === undefined ? { file: noJournalFile, commits: [] } : openJournalFile(directory);
  let state = seededState();
  for (const line of opened.commits) replay(state, line);

  const dropExpired = (): void => {
    for (const [id, entry] of state.hidden) if (entry.tillMs <= nowMs()) state.hidden.delete(id);
  };
  const hide = (changes: readonly RowChange[], lag: ReplicaLag): void => {
    for (const change of changes) {
      if (change.before ? !lag.modifications : !lag.inserts) continue;
      const before = state.hidden.get(change.id)?.before ?? change.before;
      state.hidden.set(change.id, { tillMs: nowMs() + lag.durationMs, before });
    }
  };

  return {
    companies,
    get ledger() {
      return state.ledger;
    },
    records: (companyId, entitySet) => state.records.get(companyId)!.get(entitySet)!,
    nextVersion: () => {
      state.version += 1;
      return state.version;
    },
    nextNumber: (companyId, code) => {
      const series = state.series.get(companyId)?.get(code);
      if (!series || series.lastUsed + 1 >= 10 ** series.digits) return undefined;
      series.lastUsed += 1;
      opened.file.append({
        version: state.version,
        rows: [],
        ledger: [],
        series: [[companyId, code, series.lastUsed]],
      });
      return numberText(series);
    },
    commit: (changes, entries, lag) => {
      const at = new Date(nowMs()).toISOString();
      const ledger = entries.map((entry, index) => ({ seq: state.ledger.length + index + 1, at, ...entry }));
      state.ledger.push(...ledger);
      const rows = changes.map((c): CommitLine["rows"][number] => [c.companyId, c.entitySet, c.id, c.after ?? null]);
      opened.file.append({ version: state.version, rows, ledger, series: [] });
      if (lag) hide(changes, lag);
    },
    visible: (row) => {
      if (state.hidden.size === 0 || !row) return row;
      const entry = state.hidden.get(row.id);
      return entry && entry.tillMs > nowMs() ? entry.before : row;
    },
    lagging: () => {
      if (state.hidden.size > 0) dropExpired();
      return state.hidden.size > 0;
    },
    now: () => new Date(nowMs()),
    reset: () => {
      state = seededState();
      opened.file.clear();
    },
    close: () => opened.file.close(),
  };
}

const numberText = (series: SeriesState): string =>
  `${series.prefix}${String(series.lastUsed).padStart(series.digits, "0")}`;

function seededState(): State {
  const state: State = { version: 0, records: new Map(), series: new Map(), ledger: [], hidden: new Map() };
  for (const company of companies) {
    const bySet = new Map(tables.map((table) => [table.entitySet, createRecords(table)]));
    const seed = seedCompany(company);
    for (const { entitySet, id, values } of seed.rows) {
      state.version += 1;
      bySet.get(entitySet)!.put({ id, version: state.version, values });
    }
    state.records.set(company.id, bySet);
    state.series.set(company.id, new Map(seed.series.map(({ code, ...series }) => [code, series])));
  }
  return state;
}

function replay(state: State, line: CommitLine): void {
  state.version = Math.max(state.version, line.version);
  for (const [companyId, entitySet, id, row] of line.rows) {
    const records = state.records.get(companyId)?.get(entitySet);
    if (row) records?.put(row);
    else records?.remove(id);
  }
  state.ledger.push(...line.ledger);
  for (const [companyId, code, lastUsed] of line.series) {
    const series = state.series.get(companyId)?.get(code);
    if (series) series.lastUsed = Math.max(series.lastUsed, lastUsed);
  }
}

/** The current instant as records keep it. */
export const stampOf = (database: Database): string => instantText(database.now());
