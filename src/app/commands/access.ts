// `lockgate access`: who looked at what; for auditors.

import { open } from "node:fs/promises";
import { type Caller, call } from "../client.ts";
import { EXIT, print, show, table } from "../output.ts";

/** Which stretch of time; ISO 8601. */
export type Period = { readonly since?: string | undefined; readonly until?: string | undefined };

/** What a report is of. */
export type ReportQuestion = Period & {
  readonly kind: "looked-at" | "opened-by" | "own-record" | "same-surname" | "watched" | "break-glass";
  readonly personId?: string | undefined;
  readonly actor?: string | undefined;
};

type Line = {
  readonly position: number;
  readonly at: string;
  readonly name: string;
  readonly outcome: string;
  readonly actor?: string;
  readonly detail?: Readonly<Record<string, string>>;
  readonly review?: string;
};
type Page<More> = More & { readonly before?: number };

/** Reports are for audit, unless their reader says otherwise. */
const forAudit = (caller: Caller): Caller => ({ ...caller, purpose: caller.purpose ?? "audit" });

const instant = (text: string | undefined) => (text === undefined ? undefined : new Date(text).toISOString());
const periodOf = ({ since, until }: Period) => ({ since: instant(since), until: instant(until) });

/** Prints a report, newest first, to its end. */
export async function reportAccesses(caller: Caller, question: ReportQuestion, json: boolean): Promise<number> {
  const found: Line[] = [];
  let before: number | undefined;
  do {
    const asked = { ...question, ...periodOf(question), before };
    const page = await call<Page<{ accesses: Line[] }>>(forAudit(caller), "POST", "/access/report", asked);
    found.push(...page.accesses);
    ({ before } = page);
  } while (before !== undefined);
  show(json, found, () => (found.length === 0 ? "no accesses" : table([HEADING, ...found.map(cellsOf)])));
  return EXIT.done;
}

const HEADING = ["position", "at", "who", "what", "outcome", "about", "purpose", "client", "address", "review"];

const cellsOf = ({ position, at, name, outcome, actor, detail = {}, review }: Line): string[] => [
  String(position),
  at,
  actor ?? "nobody known",
  `${name} ${detail.action ?? ""}`.trim(),
  outcome,
  detail.about ?? "",
  detail.purpose ?? "",
  detail.client ?? "",
  detail.address ?? "",
  review ?? "",
];

/** Writes accesses as FHIR R4 AuditEvent resources, one JSON object a line, newest first. */
export async function exportAccesses(caller: Caller, period: Period, path: string, json: boolean): Promise<number> {
  const file = await open(path, "w", 0o600);
  let written = 0;
  try {
    let before: number | undefined;
    do {
      const asked = { ...periodOf(period), before };
      const page = await call<Page<{ auditEvents: object[] }>>(forAudit(caller), "POST", "/access/export", asked);
      await file.write(page.auditEvents.map((event) => `${JSON.stringify(event)}\n`).join(""));
      written += page.auditEvents.length;
      ({ before } = page);
    } while (before !== undefined);
  } finally {
    await file.close();
  }
  show(json, { written }, () => `${written} audit events in ${path}`);
  return EXIT.done;
}

/** Says which person a member of staff is; without a person takes that back. */
export async function linkStaff(caller: Caller, actor: string, personId?: string): Promise<number> {
  print((await call<{ done: string }>(caller, "POST", "/access/staff", { actor, personId })).done);
  return EXIT.done;
}

/** Watches a person, or lifts the watch. */
export async function watchPerson(caller: Caller, personId: string, watched: boolean, reason: string): Promise<number> {
  print((await call<{ done: string }>(caller, "POST", "/access/watch", { personId, watched, reason })).done);
  return EXIT.done;
}

type Watch = { readonly personId: string; readonly by: string; readonly at: string; readonly reason?: string };

/** Prints who is watched, and why. */
export async function listWatches(caller: Caller, json: boolean): Promise<number> {
  const { watches } = await call<{ watches: Watch[] }>(forAudit(caller), "GET", "/access/watch");
  const cells = watches.map(({ personId, at, by, reason = "" }) => [personId, at, by, reason]);
  show(json, watches, () =>
    cells.length === 0 ? "nobody is watched" : table([["person", "since", "by", "why"], ...cells]),
  );
  return EXIT.done;
}
