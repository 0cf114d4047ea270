// `lockgate journey`: what became of a message, from the first byte to the ERP.

import type { Journey } from "#engine/monitor";
import { systemClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import { type Caller, call } from "../client.ts";
import { EXIT, show, table } from "../output.ts";

const POLL_MS = 150;

/** @param waitMs how long to wait for the journey to end or to need a person */
export async function journey(
  caller: Caller,
  key: string,
  { waitMs, json }: { waitMs: number; json: boolean },
): Promise<number> {
  const giveUpAt = Date.now() + waitMs;
  for (;;) {
    const found = await search(caller, key, Date.now() < giveUpAt);
    const [newest] = found;
    if (newest && (newest.state !== "running" || Date.now() >= giveUpAt)) {
      const others = found.slice(1).map((other) => other.id);
      show(json, { ...newest, ...(others.length > 0 ? { others } : {}) }, () => describe(newest, others));
      return EXIT.done;
    }
    await systemClock.sleep(POLL_MS);
  }
}

async function search(caller: Caller, key: string, patient: boolean): Promise<Journey[]> {
  try {
    return (await call<{ journeys: Journey[] }>(caller, "POST", "/journeys/search", { key })).journeys;
  } catch (thrown) {
    if (patient && thrown instanceof LockgateError && thrown.code === "JOURNEY_UNKNOWN") return [];
    throw thrown;
  }
}

function describe(
  { id, state, channel, milestones, open, work, businessKeys }: Journey,
  others: readonly string[],
): string {
  const rows = milestones.map(({ at, part, name, outcome, code, attempt }) => [
    new Date(at).toISOString(),
    part,
    name,
    outcome,
    code ?? "",
    attempt ? `attempt ${attempt}` : "",
  ]);
  const waiting = open.map(
    (one) => `  ${one.state} at ${one.subscription} (position ${one.position})${one.reason ? `: ${one.reason}` : ""}`,
  );
  return [
    `journey ${id} on channel ${channel}: ${state}`,
    `  known by ${businessKeys.map((key) => key.kind).join(", ")}`,
    table(rows).replaceAll(/^/gm, "  "),
    ...waiting,
    ...work.map((item) => `  ${item.title}: work item ${item.id} in ${item.queue}, ${item.state} (${item.reason})`),
    ...(others.length > 0 ? [`  ${others.length} older journeys go by that key`] : []),
  ].join("\n");
}
