// Orders of stock while the platform is killed again and again: each line stands in the ERP once, whatever was under way.

import { afterAll, beforeAll, expect, it } from "vitest";
import type { WorkGroup } from "#engine/work";
import { person } from "../journeys/platform-rig.ts";
import { until } from "../until.ts";
import { type SagaSite, startSagaSite } from "./saga-site.ts";

const sue = person("sue", "supply");
const ORDERS = 12;
const LINES = 3;
const numbers = Array.from({ length: ORDERS }, (_, nth) => `R-K${100 + nth}`);

let site: SagaSite;
beforeAll(async () => {
  site = await startSagaSite();
  await site.start();
}, 60_000);
afterAll(() => site.close());

/** Every line is of a supplier whom nobody knows. */
function orderOf(number: string): Buffer {
  const lines = Array.from({ length: LINES }, (_, nth) => `RQD|${nth + 1}|GLV-M|||${nth + 1}|BX\rRQ1||||KILL-1\r`);
  return Buffer.from(
    `MSH|^~\\&|STORES|RXX|LOCKGATE|RXX|20260701101500||OMS^O05^OMS_O05|C-${number}|P|2.5.1\rORC|NW|${number}\r${lines.join("")}`,
  );
}

const writtenOf = async () =>
  (await site.nav.ledger()).filter(({ entity, kind }) => entity === "requisitionLines" && kind === "insert");
const waiting = async () => {
  const { maps } = await site.ask<{ maps: { map: string; waiting: number }[] }>("GET", "/code-maps", undefined, sue);
  return maps.find(({ map }) => map === "supplier")!.waiting;
};

it("has every line of every order written once, though it is killed while they come, while they wait and while they go on", async () => {
  for (const [nth, number] of numbers.entries()) {
    await site.order(orderOf(number));
    if (nth % 5 === 2) await site.crash();
  }
  await site.atRest();
  expect(await waiting()).toBe(ORDERS * LINES);

  await site.ask(
    "POST",
    "/code-maps/supplier/entries",
    { system: "STORES", code: "KILL-1", target: "V00008", replaces: null },
    sue,
  );
  await site.crash();
  const filter = {
    domain: "supply",
    queue: "supply-codes",
    reason: "SU-100",
    title: "Unknown supplier code KILL-1 of STORES",
  };
  const wish = { filter, deed: "decide", action: "retry" };
  const { group } = await site.ask<{ group: WorkGroup }>("POST", "/work-groups", wish, sue);
  expect(group.targets).toBe(ORDERS * LINES);
  await site.nav.faults({ kind: "commitThenDrop", times: 5, every: 7, match: { method: "POST" } });
  await site.ask("POST", `/work-groups/${group.id}/start`, { digest: group.digest }, sue);
  for (const share of [0.2, 0.6]) {
    await until(async () => (await writtenOf()).length >= ORDERS * LINES * share, 60_000);
    await site.crash();
  }
  await until(
    async () => (await site.ask<WorkGroup>("GET", `/work-groups/${group.id}`, undefined, sue)).state === "done",
    60_000,
  );
  await site.atRest();

  const keys = (await writtenOf()).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const number of numbers)
    expect((await site.nav.linesOf(number)).map(({ lineNumber }) => Number(lineNumber)).toSorted()).toEqual([1, 2, 3]);
  const { counts } = await site.ask<WorkGroup>("GET", `/work-groups/${group.id}`, undefined, sue);
  expect(counts).toMatchObject({ done: ORDERS * LINES, refused: 0, pending: 0 });
  expect((await site.verifyAudit()).faults).toEqual([]);
}, 240_000);
