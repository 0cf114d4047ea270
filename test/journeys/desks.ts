// Desks: the ways of a test into a running site and into the doubles beside it, over HTTP.

import type { Parked } from "#engine/backbone";
import type { Journey } from "#engine/monitor";
import type { Decider, Item, ItemSummary } from "#engine/work";
import type { ErrorCode } from "#kernel/errors";
import { demoCredentials, type FaultInput, type LedgerEntry, type SwitchesInput } from "../../doubles/nav/index.ts";
import {
  demoClient,
  type LedgerEntry as PdsEntry,
  type FaultInput as PdsFault,
  type PersonInput,
} from "../../doubles/pds/index.ts";
import type { Somebody, TestIssuer } from "../gateway/identity/test-issuer.ts";
import { until } from "../until.ts";

/** A record of NAV by its JSON field names. */
export type NavRecord = Readonly<Record<string, string>>;

/** The administration of a double. */
const adminOf =
  (port: number) =>
  async (path: string, method = "GET", body?: unknown): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}/admin/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the double answered ${answer.status}`);
    return text;
  };

/** The desk of a NAV double: its ledger, its records and its faults, over HTTP. */
export function navDesk(odataPort: number) {
  const admin = adminOf(odataPort);
  const records = async (table: string): Promise<NavRecord[]> => {
    const found: unknown = JSON.parse(await admin(`records/${table}`));
    return (Array.isArray(found) ? found : (found as { value: NavRecord[] }).value) as NavRecord[];
  };
  const patients = () => records("patients");
  const ledger = async (): Promise<LedgerEntry[]> =>
    (await admin("ledger")).split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as LedgerEntry]));
  return {
    ledger,
    patients,
    /** The lines of the requisition worksheet that one order has. */
    linesOf: async (order: string) =>
      (await records("requisitionLines")).filter(({ orderNumber }) => orderNumber === order),
    /** The patients of one local identifier: one, unless something went wrong. */
    patientsBy: async (mrn: string) => (await patients()).filter((record) => record.mrn === mrn),
    /** Changes to the patient of a local identifier that came from us. */
    changesOf: async (mrn: string) => {
      const numbers = new Set((await patients()).filter((one) => one.mrn === mrn).map((one) => one.number));
      return (await ledger()).filter(({ key, user }) => numbers.has(key) && user === demoCredentials.user);
    },
    /** Changes a record as a user of the ERP does. */
    edit: (record: Readonly<Record<string, string>>) => admin("records/patients", "PUT", record),
    faults: (...faults: FaultInput[]) => admin("faults", "PUT", faults),
    fired: async () => JSON.parse(await admin("faults")) as (FaultInput & { fired: number })[],
    /** Changes which NAV this is. */
    switches: (switches: SwitchesInput) => admin("switches", "PUT", switches),
  };
}

/** The desk of a PDS double: the people it knows, what was asked of it, and its faults. */
export function pdsDesk(port: number) {
  const admin = adminOf(port);
  return {
    /** Adds people, or replaces them. */
    know: (...persons: PersonInput[]) => admin("patients", "PUT", persons),
    supersede: (from: string, to: string) => admin("supersede", "POST", { from, to }),
    invalidate: (nhsNumber: string) => admin("invalidate", "POST", { nhsNumber }),
    faults: (...faults: PdsFault[]) => admin("faults", "PUT", faults),
    fired: async () => JSON.parse(await admin("faults")) as (PdsFault & { fired: number })[],
    register: (publicKeyPem: string) => admin("clients", "PUT", { ...demoClient, publicKeyPem }),
    ledger: async () =>
      (await admin("ledger")).split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as PdsEntry])),
  };
}

/** A person who decides, as a test names one. */
export const person = (name: string, ...own: string[]): Decider => ({
  name,
  roles: own.length > 0 ? own : ["approver"],
});

/** Their id on record. */
export const idOf = ({ name }: Somebody): string => `test:${name}`;

/** People's way into a running platform, the operator's where nobody else is named. */
export function operatorDesk(http: string, { headersOf }: Pick<TestIssuer, "headersOf">) {
  const call = async <T>(
    method: "GET" | "POST" | "PUT",
    path: string,
    body?: unknown,
    as?: Somebody,
    more: Readonly<Record<string, string>> = {},
  ): Promise<T> => {
    const answer = await fetch(`${http}/ops/v1${path}`, {
      method,
      headers: {
        ...(await headersOf(as)),
        ...more,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const content = (await answer.json()) as T & { code?: ErrorCode };
    if (!answer.ok) throw new Error(content.code ?? `HTTP ${answer.status}`);
    return content;
  };
  const journeys = async (key: string): Promise<Journey[]> =>
    (await call<{ journeys: Journey[] }>("POST", "/journeys/search", { key })).journeys;
  const letterPath = ({ subscription, position }: Parked) => `/dead-letters/${subscription}/${position}`;
  return {
    call,
    http,
    headersOf,
    journeys,
    journey: async (key: string): Promise<Journey> => (await journeys(key))[0]!,
    /** The newest journey of `key`, once it has come to rest. */
    async settled(key: string, withinMs = 20_000): Promise<Journey> {
      let journey: Journey | undefined;
      await until(async () => {
        journey = (await journeys(key).catch(() => []))[0];
        return journey !== undefined && journey.state !== "running";
      }, withinMs);
      return journey!;
    },
    deadLetters: async () => (await call<{ deadLetters: Parked[] }>("GET", "/dead-letters")).deadLetters,
    async deadLetterOf(key: string): Promise<Parked> {
      const { id } = (await journeys(key))[0]!;
      const { deadLetters } = await call<{ deadLetters: Parked[] }>("GET", "/dead-letters");
      return deadLetters.find((letter) => letter.journeyId === id)!;
    },
    /** The open work items of a journey. */
    async asked(key: string): Promise<ItemSummary[]> {
      const { id } = (await journeys(key))[0]!;
      const { items } = await call<{ items: ItemSummary[] }>("POST", "/work/list", { journeyId: id });
      return items.filter(({ state }) => state === "open" || state === "claimed");
    },
    show: async (id: string, as: Decider): Promise<Item> =>
      (await call<{ item: Item }>("POST", `/work/${id}/show`, {}, as)).item,
    decide: async (item: Pick<ItemSummary, "id" | "digest">, action: string, as: Decider, comment?: string) =>
      (
        await call<{ item: ItemSummary }>(
          "POST",
          `/work/${item.id}/decide`,
          { action, digest: item.digest, comment },
          as,
        )
      ).item,
    /** Approves whatever a journey asks, in the name of each of `people`, until it has come to its end. */
    async approved(key: string, ...people: Decider[]): Promise<Journey> {
      let journey: Journey | undefined;
      await until(async () => {
        journey = (await journeys(key))[0]!;
        for (const { id } of journey.work) {
          const { items } = await call<{ items: ItemSummary[] }>("POST", "/work/list", { id });
          for (const one of people)
            await call("POST", `/work/${id}/decide`, { action: "approve", digest: items[0]!.digest }, one);
        }
        return journey.state === "complete";
      });
      return journey!;
    },
    replay: (letter: Parked) => call("POST", `${letterPath(letter)}/replay`),
    dismiss: (letter: Parked) => call("POST", `${letterPath(letter)}/dismiss`),
    /** Resolves when nothing is queued or waits for its next attempt. */
    quiet: (withinMs = 20_000) =>
      until(async () => {
        const { backlog } = await call<{ backlog: { unread: number; waiting: number }[] }>("GET", "/channels");
        return backlog.every(({ unread, waiting }) => unread + waiting === 0);
      }, withinMs),
    setChannel: (state: "started" | "paused" | "stopped") => call("POST", "/channels/adt/state", { state }),
    reconcile: () => call<{ compared: number; discrepancies: unknown[] }>("POST", "/reconcile/nav"),
  };
}
