// The register of people: their records and past values, numbers that were replaced, updates already done, the ledger.

import { isDeepStrictEqual } from "node:util";
import { type EventFile, openEventFile } from "./journal-file.ts";
import type { CallNote, LedgerEntry } from "./ledger.ts";
import { type Address, type HumanName, type Patient, type Telecom, without } from "./patient.ts";

/** One person's record. Never changed in place: a change puts another in its stead. */
export interface Person {
  readonly patient: Patient;
  /** Values that the record once had. */
  readonly past: { readonly name: HumanName[]; readonly address: Address[]; readonly telecom: Telecom[] };
  /** The number that the person goes by now; null while it is this record's own. */
  readonly supersededBy: string | null;
  readonly isInvalidated: boolean;
}

/** An application, by its API key, and one of its public keys. */
export interface Client {
  readonly apiKey: string;
  readonly kid: string;
  /** The public key, as a JSON Web Key. */
  readonly jwk: object;
}

/** An update that was done, under the name its sender gave it. */
export interface DoneUpdate {
  /** Application and `X-Request-ID`. */
  readonly key: string;
  /** Hash of what was asked. */
  readonly digest: string;
  /** The record as it was then. */
  readonly patient: Patient;
}

/** Everything that changes the register. */
type RegisterEvent =
  | { person: Person; update?: Omit<DoneUpdate, "patient"> }
  | { client: Client }
  | { call: LedgerEntry };

/** The register. Everything is synchronous, so what runs between two awaits is serial. */
export interface Register {
  readonly ledger: readonly LedgerEntry[];
  people(): Iterable<Person>;
  find(nhsNumber: string): Person | undefined;
  /** The record that a number leads to, along all replacements; undefined where there is none. */
  follow(nhsNumber: string): Person | undefined;
  /** People born from one day to another, both included, YYYY-MM-DD. Superseded and invalidated ones are among them. */
  bornBetween(first: string, last: string): Iterable<Person>;
  /** Creates or replaces a record under the next version; what it no longer says becomes its past. */
  put(patient: Patient, update?: Omit<DoneUpdate, "patient">): Person;
  supersede(from: string, to: string): void;
  invalidate(nhsNumber: string): void;
  doneUpdate(key: string): DoneUpdate | undefined;
  addClient(client: Client): void;
  /** A public key of an application; undefined when it has none of that id, null when it is not known at all. */
  clientKey(apiKey: string, kid: string): Client | undefined | null;
  record(note: CallNote, status: number, code: string | null): void;
  /** Back to the seed; forgets the ledger and the file. */
  reset(): void;
  close(): void;
}

/** How many done updates are remembered; a repetition comes within minutes. */
const rememberedUpdates = 50_000;

interface State {
  people: Map<string, Person>;
  byBirthDate: Map<string, Set<string>>;
  updates: Map<string, DoneUpdate>;
  clients: Map<string, Map<string, Client>>;
  ledger: LedgerEntry[];
}

const emptyState = (): State => ({
  people: new Map(),
  byBirthDate: new Map(),
  updates: new Map(),
  clients: new Map(),
  ledger: [],
});

/** Opens the register kept in `directory`, or one in memory; a fresh one gets the seed. */
export function openRegister(
  directory: string | undefined,
  nowMs: () => number,
  sow: (register: Register) => void,
): Register {
  const file: EventFile<RegisterEvent> | undefined = directory === undefined ? undefined : openEventFile(directory);
  let state = emptyState();
  for (const event of file?.kept ?? []) apply(state, event);

  const commit = (event: RegisterEvent): void => {
    file?.append(event);
    apply(state, event);
  };
  const changed = (nhsNumber: string, change: Partial<Person>): void => {
    const person = state.people.get(nhsNumber);
    if (person) commit({ person: { ...person, ...change } });
  };

  const register: Register = {
    get ledger() {
      return state.ledger;
    },
    people: () => state.people.values(),
    find: (nhsNumber) => state.people.get(nhsNumber),
    follow: (nhsNumber) => {
      let person = state.people.get(nhsNumber);
      while (person?.supersededBy) person = state.people.get(person.supersededBy);
      return person;
    },
    *bornBetween(first, last) {
      const days =
        first === last ? [first] : [...state.byBirthDate.keys()].filter((day) => first <= day && day <= last);
      for (const day of days)
        for (const nhsNumber of state.byBirthDate.get(day) ?? []) yield state.people.get(nhsNumber)!;
    },
    put: (patient, update) => {
      const before = state.people.get(patient.id);
      const versionId = before ? String(Number(before.patient.meta.versionId) + 1) : patient.meta.versionId;
      const person: Person = {
        patient: { ...patient, meta: { ...patient.meta, versionId } },
        past: pastOf(before, patient),
        supersededBy: null,
        isInvalidated: false,
      };
      commit({ person, ...(update && { update }) });
      return person;
    },
    supersede: (from, to) => changed(from, { supersededBy: to }),
    invalidate: (nhsNumber) => changed(nhsNumber, { isInvalidated: true }),
    doneUpdate: (key) => state.updates.get(key),
    addClient: (client) => commit({ client }),
    clientKey: (apiKey, kid) => {
      const keys = state.clients.get(apiKey);
      return keys ? keys.get(kid) : null;
    },
    record: (note, status, code) => {
      const at = new Date(nowMs()).toISOString();
      commit({ call: { seq: state.ledger.length + 1, at, status, code, ...note } });
    },
    reset: () => {
      file?.clear();
      const { clients } = state;
      state = emptyState();
      for (const keys of clients.values()) for (const client of keys.values()) commit({ client });
      sow(register);
    },
    close: () => file?.close(),
  };
  if (!file?.kept.length) sow(register);
  return register;
}

function apply(state: State, event: RegisterEvent): void {
  if ("call" in event) state.ledger.push(event.call);
  else if ("client" in event) {
    const { apiKey, kid } = event.client;
    state.clients.set(apiKey, (state.clients.get(apiKey) ?? new Map<string, Client>()).set(kid, event.client));
  } else {
    enter(state, event.person);
    if (event.update) remember(state.updates, { ...event.update, patient: event.person.patient });
  }
}

function enter(state: State, person: Person): void {
  const { id, birthDate } = person.patient;
  const former = state.people.get(id)?.patient.birthDate;
  if (former !== undefined && former !== birthDate) state.byBirthDate.get(former)?.delete(id);
  if (birthDate !== undefined)
    state.byBirthDate.set(birthDate, (state.byBirthDate.get(birthDate) ?? new Set<string>()).add(id));
  state.people.set(id, person);
}

function remember(updates: State["updates"], update: DoneUpdate): void {
  updates.set(update.key, update);
  if (updates.size <= rememberedUpdates) return;
  const [oldest] = updates.keys();
  if (oldest !== undefined) updates.delete(oldest);
}

/** Past values after a change: those there were, and those that the new record no longer says. */
function pastOf(before: Person | undefined, now: Patient): Person["past"] {
  if (!before) return { name: [], address: [], telecom: [] };
  const gone = <T extends object>(past: T[], was: T[] | undefined, is: T[] | undefined): T[] => {
    const lost = (was ?? []).filter((item) => !is?.some((other) => isDeepStrictEqual(saying(item), saying(other))));
    return lost.length === 0 ? past : [...past, ...lost];
  };
  const { past, patient } = before;
  return {
    name: gone(past.name, patient.name, now.name),
    address: gone(past.address, patient.address, now.address),
    telecom: gone(past.telecom, patient.telecom, now.telecom),
  };
}

/** What an item says, without what the service notes about it. */
const saying = (item: object): object => without(item, ["id", "period"]);
