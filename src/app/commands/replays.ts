// `lockgate replays`: many dead letters tried again as one job, at a set rate.

import type { Replay, ReplayItem } from "#engine/backbone";
import { type Caller, call } from "../client.ts";
import { EXIT, jobLine, show, table } from "../output.ts";

/** Which letters, as the command line says it. */
export type ReplayWords = {
  readonly subscription?: string;
  readonly code?: string;
  readonly since?: string;
  readonly until?: string;
  readonly most?: number;
};

const path = (id: string, more = "") => `/replays/${encodeURIComponent(id)}${more}`;

/** Fixes which letters are meant, and says by what they are started. */
export async function previewReplay(caller: Caller, filter: ReplayWords, json: boolean): Promise<number> {
  const answer = await call<{ replay: Replay; first: ReplayItem[] }>(caller, "POST", "/replays", { filter });
  const { replay, first } = answer;
  show(json, answer, () =>
    [
      `${replay.targets} dead letters${replay.targets > first.length ? `, the first ${first.length} of them:` : ":"}`,
      itemsTable(first),
      `lockgate replays start ${replay.id} --digest ${replay.digest} --rate 10 --reason "…"`,
    ].join("\n"),
  );
  return EXIT.done;
}

/** Starts exactly what was looked at. */
export async function startReplay(
  caller: Caller,
  id: string,
  start: { readonly digest: string; readonly perSecond: number; readonly reason: string },
  json: boolean,
): Promise<number> {
  return told(await call<Replay>(caller, "POST", path(id, "/start"), start), json);
}

/** Tries every dead letter that there is now again, as a job that goes on by itself. */
export async function replayAll(
  caller: Caller,
  start: { readonly perSecond: number; readonly reason: string },
  json: boolean,
): Promise<number> {
  const { replay } = await call<{ replay: Replay }>(caller, "POST", "/replays", { filter: {} });
  if (replay.targets === 0) {
    show(json, replay, () => "no dead letters");
    return EXIT.done;
  }
  const started = await call<Replay>(caller, "POST", path(replay.id, "/start"), { ...start, digest: replay.digest });
  show(json, started, () => `${line(started)}\nlockgate replays show ${started.id}`);
  return EXIT.done;
}

/** Pauses, resumes or cancels one. */
export async function steerReplay(
  caller: Caller,
  deed: "pause" | "resume" | "cancel",
  id: string,
  json: boolean,
): Promise<number> {
  return told(await call<Replay>(caller, "POST", path(id, `/${deed}`)), json);
}

/** Shows how one stands, with the letters that stopped again. */
export async function showReplay(caller: Caller, id: string, json: boolean): Promise<number> {
  const replay = await call<Replay>(caller, "GET", path(id));
  const { items } = await call<{ items: ReplayItem[] }>(caller, "GET", path(id, "/items?state=failed"));
  show(json, { ...replay, failed: items }, () =>
    items.length === 0 ? line(replay) : `${line(replay)}\n${itemsTable(items)}`,
  );
  return EXIT.done;
}

/** Lists jobs, newest first. */
export async function listReplays(caller: Caller, json: boolean): Promise<number> {
  const { replays } = await call<{ replays: Replay[] }>(caller, "GET", "/replays");
  show(json, replays, () => (replays.length === 0 ? "no replays" : replays.map(line).join("\n")));
  return EXIT.done;
}

function told(replay: Replay, json: boolean): number {
  show(json, replay, () => line(replay));
  return EXIT.done;
}

const line = (replay: Replay): string => jobLine(replay, "letters");

const itemsTable = (items: readonly ReplayItem[]): string =>
  table([
    ["nth", "subscription", "position", "reason", "journey", "state", "stopped again"],
    ...items.map((item) => [
      `${item.nth}`,
      item.subscription,
      `${item.position}`,
      item.code ?? "",
      item.journeyId,
      item.state,
      item.failedCode ?? "",
    ]),
  ]);
