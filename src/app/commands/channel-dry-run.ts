// `lockgate channel dry-run`: what a changed channel would have made otherwise of the last days' messages.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type ChangeKind, type DryRun, dryRun, readVersions, recordDryRun } from "#engine/channels";
import { openDatabase } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { channelFrom } from "../channel-text.ts";
import type { Config } from "../config.ts";
import { withVault } from "../offline.ts";
import { EXIT, printable, show, table } from "../output.ts";
import { digestOf } from "../site.ts";

const DAY_MS = 24 * 3_600_000;
/** Whose name the operating system tells is no proof of who it is. */
const BY = "command line";
const CONNECTIONS = 2;

/** Runs a file's channel on what its deployed version took in, keeps what was found, and tells of it. */
export async function dryRunChannel(config: Config, path: string, days: number, json: boolean): Promise<number> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new LockgateError("CONFIG_INVALID", { at: path, reason: "cannot be read", cause });
  });
  const under = { file: basename(path), text, digest: digestOf(text) };
  const tried = await channelFrom(under, config);
  const { name } = tried;
  const run = await withVault(config, async ({ vault }, { platform }) => {
    const db = openDatabase(platform, CONNECTIONS, vault);
    try {
      const [version] = await readVersions(db, name, 1);
      if (!version) throw new LockgateError("CHANNEL_UNKNOWN", { at: name });
      const deployed = await channelFrom(version, config);
      const until = new Date();
      const stretch = { since: new Date(until.getTime() - days * DAY_MS), until };
      const found = await dryRun(db, { deployed, tried, environment: config.environment, ...stretch });
      const made: DryRun = {
        id: newId(),
        at: new Date(),
        by: BY,
        ...stretch,
        deployed: version.digest,
        ...under,
        ...found,
      };
      await recordDryRun(db, name, made);
      return made;
    } finally {
      await db.close();
    }
  });
  const { text: _, ...told } = run;
  show(json, { channel: name, ...told }, () => describe(name, days, run));
  return EXIT.done;
}

/** What each kind of change means, after a count of messages. */
const WORDS: Readonly<Record<ChangeKind, string>> = {
  refused: "went through, and would fail",
  accepted: "failed, and would go through",
  fault: "failed, and would fail otherwise",
  count: "would send on more or fewer messages",
  destination: "would be sent elsewhere",
  session: "would be kept in order with others",
  keys: "would be found by other names",
  content: "would be sent on with other content",
};

function describe(channel: string, days: number, run: DryRun): string {
  const { messages, changed, received, byKind, byPath, differences } = run;
  const lost = received - messages;
  const rows = differences.map(({ journeyId, at, changes }) => [
    journeyId,
    at.toISOString(),
    changes.map(({ kind, was, would, paths }) => `${kind}: ${partsOf(was, would, paths)}`).join("; "),
  ]);
  return [
    `${channel}: ${messages} messages of ${days} days judged by ${run.file} (${run.digest.slice(0, 8)}) and as deployed (${run.deployed.slice(0, 8)})`,
    `${messages - changed} the same, ${changed} changed`,
    ...Object.entries(byKind).map(([kind, count]) => `  ${count} ${WORDS[kind as ChangeKind]}`),
    ...(lost > 0 ? [`${lost} more were taken in whose content is not kept: filtered out, or too old`] : []),
    ...(Object.keys(byPath).length > 0
      ? ["", table([["content at", "messages"], ...Object.entries(byPath).map(([path, count]) => [path, `${count}`])])]
      : []),
    ...(rows.length > 0
      ? ["", table([["journey", "received", "change"], ...rows.map((row) => row.map(printable))])]
      : []),
    ...(changed > rows.length ? [`the newest ${rows.length} of ${changed}`] : []),
  ].join("\n");
}

const partsOf = (was: string | null, would: string | null, paths: readonly string[]): string =>
  [was === null && would === null ? "" : `${was ?? ""} → ${would ?? ""}`, paths.join(", ")].filter(Boolean).join(" ");
