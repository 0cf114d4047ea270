// What two definitions of a channel make of one message, side by side: in which ways they part, and never a value of it.

import type { Outcome } from "../channel.ts";
import type { BusinessKey, ChannelDefinition, Fault, Outgoing } from "../types.ts";
import { type Tell, tellOf } from "./tell.ts";
import type { Change, ChangeKind } from "./types.ts";

/** A definition and what it made of the message. */
export type Side = { readonly definition: ChannelDefinition; readonly outcome: Outcome };

/** More of one message than anybody reads. */
const MOST_PATHS = 50;
const LONGEST_PATH = 300;

/** In which ways the outcomes on a message differ; empty: in none. */
export function changesBetween(bytes: Uint8Array, was: Side, would: Side): Change[] {
  const tell = tellOf(bytes);
  const [old, now] = [was.outcome, would.outcome];
  if (old.fault || now.fault) {
    const [before, after] = [endOf(was, tell), endOf(would, tell)];
    const isSame = before === after && isSameFault(old.fault, now.fault);
    return isSame ? [] : [change(now.fault ? (old.fault ? "fault" : "refused") : "accepted", before, after)];
  }
  const keys = old.keys.length === now.keys.length ? null : ([`${old.keys.length}`, `${now.keys.length}`] as const);
  return [
    ...onwardChanges(was, would, tell),
    ...(sessionsOf(old) === sessionsOf(now) ? [] : [change("session", null, null)]),
    ...(keysOf(old.keys) === keysOf(now.keys) ? [] : [change("keys", keys?.[0] ?? null, keys?.[1] ?? null)]),
  ];
}

const change = (kind: ChangeKind, was: string | null, would: string | null, paths: readonly string[] = []): Change => ({
  kind,
  was,
  would,
  paths,
});

/** How a message comes through: by a sender that is told only that it is stored, a fault is seen later. */
function endOf({ definition, outcome: { fault } }: Side, tell: Tell): string {
  if (!fault) return "accepted";
  const { code, at, reason } = fault;
  const place = at ? ` at ${tell.place(at)}` : "";
  const why = reason ? ` (${tell.place(reason)})` : "";
  return `${definition.acknowledge === "stored" ? "accepted, then " : ""}${code}${place}${why}`;
}

const isSameFault = (was: Fault | undefined, would: Fault | undefined): boolean =>
  was?.code === would?.code && was?.at === would?.at && was?.reason === would?.reason;

function onwardChanges(was: Side, would: Side, tell: Tell): Change[] {
  const [old, now] = [was.outcome.outgoing, would.outcome.outgoing];
  if (old.length !== now.length) return [change("count", `${old.length}`, `${now.length}`)];
  const [before, after] = [destinationsOf(was), destinationsOf(would)];
  const paths = new Set<string>();
  for (const [index, out] of old.entries()) notePaths(out, now[index]!, tell, paths);
  return [
    ...(before === after ? [] : [change("destination", before, after)]),
    ...(paths.size === 0 ? [] : [change("content", null, null, [...paths].sort())]),
  ];
}

/** Names that the definition itself lists: what code chooses for a message may be of the message. */
const destinationsOf = ({ definition, outcome }: Side): string =>
  outcome.outgoing
    .map(({ to }) => {
      const known = Object.hasOwn(definition.destinations, to) ? definition.destinations[to] : undefined;
      return known ? (known.kind === "topic" ? known.topic : `${to} (${known.connector})`) : "nowhere";
    })
    .join(", ");

const sessionsOf = ({ session, outgoing }: Outcome): string =>
  JSON.stringify([session ?? null, ...outgoing.map((out) => out.session ?? session ?? null)]);

const keysOf = (keys: readonly BusinessKey[]): string =>
  JSON.stringify(keys.map(({ kind, value }) => JSON.stringify([kind, value])).sort());

/** Notes where the contents of two onward messages differ. */
function notePaths(was: Outgoing, would: Outgoing, tell: Tell, paths: Set<string>): void {
  if (was.contentType !== would.contentType) paths.add("content type");
  const [before, after] = [Buffer.from(was.body), Buffer.from(would.body)];
  if (before.equals(after)) return;
  const [old, now] = [jsonOf(before), jsonOf(after)];
  if (old === undefined || now === undefined) paths.add("body");
  else noteDiffering(old, now, "", tell, paths);
}

/** Undefined: it is none. */
function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function noteDiffering(was: unknown, would: unknown, at: string, tell: Tell, paths: Set<string>): void {
  if (paths.size >= MOST_PATHS || was === would) return;
  if (at.length > LONGEST_PATH) {
    if (JSON.stringify(was) !== JSON.stringify(would)) paths.add(at);
    return;
  }
  if (Array.isArray(was) && Array.isArray(would)) {
    if (was.length !== would.length) paths.add(at || "body");
    else for (const [index, one] of was.entries()) noteDiffering(one, would[index], `${at}[]`, tell, paths);
    return;
  }
  if (!isRecord(was) || !isRecord(would)) return void paths.add(at || "body");
  for (const name of new Set([...Object.keys(was), ...Object.keys(would)]))
    noteDiffering(was[name], would[name], `${at}${at ? "." : ""}${tell.field(name)}`, tell, paths);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
