// `lockgate work groups`: one decision for many work items, as one job.

import type { GroupDeed, GroupItem, ItemSummary, WorkGroup } from "#engine/work";
import { systemClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import { type Caller, call } from "../client.ts";
import { EXIT, jobLine, print, show, table } from "../output.ts";

const FOLLOW_EVERY_MS = 1_000;
const PAGE = 200;

/** Which items, as the command line says it. */
export type GroupWords = { readonly like: string; readonly deed: GroupDeed; readonly action?: string | undefined };

const path = (id: string, more = "") => `/work-groups/${encodeURIComponent(id)}${more}`;

/** Fixes all items that wait for the same cause as one, and says by what they are started. */
export async function previewGroup(caller: Caller, { like, deed, action }: GroupWords, json: boolean): Promise<number> {
  const [item] = (await call<{ items: ItemSummary[] }>(caller, "POST", "/work/list", { id: like })).items;
  if (!item) throw new LockgateError("WORK_UNKNOWN", { at: like });
  const { domain, queue, reason, title } = item;
  const wish = { filter: { domain, queue, reason, title }, deed, ...(action === undefined ? {} : { action }) };
  const answer = await call<{ group: WorkGroup; first: GroupItem[] }>(caller, "POST", "/work-groups", wish);
  const { group, first } = answer;
  show(json, answer, () =>
    [
      `${group.targets} items of ${queue}, ${reason}: ${title}`,
      `${group.targets > first.length ? `the first ${first.length} of them:\n` : ""}${itemsTable(first)}`,
      `lockgate work groups start ${group.id} --digest ${group.digest} --comment "…"`,
    ].join("\n"),
  );
  return EXIT.done;
}

/** Starts exactly what was looked at. */
export async function startGroup(
  caller: Caller,
  id: string,
  { digest, comment }: { readonly digest: string; readonly comment?: string | undefined },
  json: boolean,
): Promise<number> {
  const start = { digest, ...(comment === undefined ? {} : { comment }) };
  return told(await call<WorkGroup>(caller, "POST", path(id, "/start"), start), json);
}

/** Pauses, resumes or cancels one. */
export async function steerGroup(
  caller: Caller,
  deed: "pause" | "resume" | "cancel",
  id: string,
  json: boolean,
): Promise<number> {
  return told(await call<WorkGroup>(caller, "POST", path(id, `/${deed}`)), json);
}

/** Shows how one stands, with the items that were not done. */
export async function showGroup(caller: Caller, id: string, json: boolean): Promise<number> {
  const group = await call<WorkGroup>(caller, "GET", path(id));
  const refused = (await itemsOf(caller, id)).filter(({ state }) => state === "refused");
  show(json, { ...group, refused }, () =>
    refused.length === 0 ? line(group) : `${line(group)}\n${itemsTable(refused)}`,
  );
  return EXIT.done;
}

/** Tells how far one is, whenever that changes, until it ends or somebody has to do something. */
export async function followGroup(caller: Caller, id: string, json: boolean): Promise<number> {
  let said = "";
  for (;;) {
    const group = await call<WorkGroup>(caller, "GET", path(id));
    if (!json && line(group) !== said) print(line(group));
    said = line(group);
    if (group.state !== "running") {
      if (json) show(true, group, () => "");
      return EXIT.done;
    }
    await systemClock.sleep(FOLLOW_EVERY_MS);
  }
}

async function itemsOf(caller: Caller, id: string): Promise<readonly GroupItem[]> {
  const all: GroupItem[] = [];
  for (;;) {
    const after = all.at(-1)?.nth ?? 0;
    const more = path(id, `/items?after=${after}&limit=${PAGE}`);
    const { items } = await call<{ items: GroupItem[] }>(caller, "GET", more);
    all.push(...items);
    if (items.length < PAGE) return all;
  }
}

function told(group: WorkGroup, json: boolean): number {
  show(json, group, () => line(group));
  return EXIT.done;
}

const line = (group: WorkGroup): string => jobLine(group, "items");

const itemsTable = (items: readonly GroupItem[]): string =>
  table([
    ["nth", "item", "state", "why not"],
    ...items.map(({ nth, itemId, state, code }) => [`${nth}`, itemId, state, code ?? ""]),
  ]);
