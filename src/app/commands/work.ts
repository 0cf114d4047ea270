// `lockgate work`: what waits for a person, and what that person does about it.

import type { Item, ItemSummary } from "#engine/work";
import { LockgateError } from "#kernel/errors";
import { type Caller, call } from "../client.ts";
import { EXIT, printable, show, table } from "../output.ts";

/** As the wire has it: instants are texts. */
type Wire<Shape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends Date | undefined
    ? string | Extract<Shape[Name], undefined>
    : Shape[Name];
};
type Summary = Wire<ItemSummary>;
type Whole = Wire<Item>;

export type ListOptions = {
  readonly queue?: string;
  readonly domain?: string;
  readonly state?: string;
  /** Only what is claimed by whoever asks. */
  readonly mine?: boolean;
};

const path = (id: string, deed: string): string => `/work/${encodeURIComponent(id)}/${deed}`;

/** Lists what waits, the most pressing first; with a state, the items of that state. */
export async function listWork(caller: Caller, filter: ListOptions, json: boolean): Promise<number> {
  const { items } = await call<{ items: Summary[] }>(caller, "POST", "/work/list", filter);
  const listed = filter.state === undefined ? items.filter(waits) : items;
  show(json, listed, () =>
    listed.length === 0
      ? "no work items"
      : table([
          ["item", "criticality", "state", "due", "queue", "reason", "owner", "title", "actions", "digest"],
          ...listed.map((one) => [
            one.id,
            one.criticality,
            [one.state, one.escalatedAt && "escalated", one.inquiredAt && "needs more"].filter(Boolean).join(", "),
            one.dueAt,
            one.queue,
            one.reason,
            one.owner ?? "",
            one.title,
            one.actions.map(({ name }) => name).join("/"),
            one.digest.slice(0, 12),
          ]),
        ]),
  );
  return EXIT.done;
}

const waits = ({ state }: Summary): boolean => state === "open" || state === "claimed";

/** Shows one whole, with what is decided on; the access is audited. */
export async function showWork(caller: Caller, id: string, json: boolean): Promise<number> {
  const { item } = await call<{ item: Whole }>(caller, "POST", path(id, "show"), {});
  show(json, item, () => describe(item));
  return EXIT.done;
}

/** Claims or releases one, or says something about it. */
export async function tendWork(
  caller: Caller,
  deed: "claim" | "release" | "comment" | "inquire" | "escalate",
  id: string,
  comment: string | undefined,
  json: boolean,
): Promise<number> {
  const said = comment === undefined ? {} : { comment };
  const answer = await call<{ done: string }>(caller, "POST", path(id, deed), said);
  show(json, answer, () => answer.done);
  return EXIT.done;
}

/** Those who may be given one. */
export async function listAssignees(caller: Caller, id: string, json: boolean): Promise<number> {
  const { people } = await call<{ people: { id: string; name: string }[] }>(
    caller,
    "GET",
    `/work/${encodeURIComponent(id)}/assignees`,
  );
  show(json, people, () =>
    people.length === 0
      ? "nobody who may decide it was seen here"
      : table([["person", "name"], ...people.map((one) => [one.id, one.name])]),
  );
  return EXIT.done;
}

/** Gives one to somebody who may decide it. */
export async function assignWork(caller: Caller, id: string, to: string, json: boolean): Promise<number> {
  const answer = await call<{ done: string }>(caller, "POST", path(id, "assign"), { to });
  show(json, answer, () => answer.done);
  return EXIT.done;
}

export type Decision = { readonly action: string; readonly digest?: string; readonly comment?: string };

/** Chooses an action. Without a digest the choice is of whatever the item holds now. */
export async function decideWork(
  caller: Caller,
  id: string,
  { action, digest, comment }: Decision,
  json: boolean,
): Promise<number> {
  const { item } = await call<{ item: Summary }>(caller, "POST", path(id, "decide"), {
    action,
    digest: digest ?? (await digestNow(caller, id)),
    ...(comment === undefined ? {} : { comment }),
  });
  const reached = item.state === "decided" ? "decided" : "chosen; others must choose it too";
  show(json, item, () => `${action} ${reached} (digest ${item.digest})`);
  return EXIT.done;
}

async function digestNow(caller: Caller, id: string): Promise<string> {
  const [item] = (await call<{ items: Summary[] }>(caller, "POST", "/work/list", { id })).items;
  if (!item) throw new LockgateError("WORK_UNKNOWN", { at: id });
  return item.digest;
}

function describe(item: Whole): string {
  const facts = [
    ["state", item.owner ? `${item.state} by ${item.owner}` : item.state],
    ["queue", `${item.queue} (${item.domain})`],
    ["reason", item.reason],
    ["criticality", item.criticality],
    ["journey", item.journeyId],
    ["subject", item.subject],
    ["opened", item.openedAt],
    ["due", item.dueAt],
    ["escalated", item.escalatedAt],
    ["needs more", item.inquiredAt && `since ${item.inquiredAt}, says ${item.inquiredBy}`],
    ["expires", item.expiresAt],
    ["may not decide", item.excluded.join(", ")],
    ["digest", item.digest],
  ].flatMap(([name = "", value]) => (value ? [[name, value]] : []));
  const actions = item.actions.map(({ name, quorum, roles }) => [
    name,
    quorum === 1 ? "one person" : `${quorum} different people`,
    roles.length > 0 ? `with role ${roles.join(" or ")}` : "",
  ]);
  const history = item.history.map(({ at, deed, by, to, action, comment }) => [
    String(at),
    by ?? "",
    deed,
    action ?? to ?? "",
    printable(comment),
  ]);
  return [
    `${item.id}: ${item.title}`,
    indented(table(facts)),
    ...section("content", contentLines(item.content)),
    ...section("tried", item.tried),
    ...section("actions", [table(actions)]),
    ...section("history", history.length > 0 ? [table(history)] : []),
  ].join("\n");
}

const section = (heading: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [heading, ...lines.map(indented)];

const indented = (text: string): string => text.replaceAll(/^/gm, "  ");

const COLUMNS = ["field", "current", "proposed", "national", "code"] as const;

/** `rows` as a table of what is compared; every other member as a line of its own. */
function contentLines(content: unknown): string[] {
  if (typeof content !== "object" || content === null || Array.isArray(content)) return [printable(content)];
  const { rows, ...others } = content as { rows?: unknown } & Record<string, unknown>;
  const lines = Object.entries(others).map(([name, value]) => `${name}: ${printable(value)}`);
  if (rows === undefined) return lines;
  if (!Array.isArray(rows)) return [...lines, `rows: ${printable(rows)}`];
  const cells = (rows as Partial<Record<string, unknown>>[]).map((row) => COLUMNS.map((name) => printable(row[name])));
  return [...lines, table([COLUMNS, ...cells])];
}
