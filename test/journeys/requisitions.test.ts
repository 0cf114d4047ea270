// Stock orders from the wire to the ERP: mapped codes at once, an unmapped code once for all that wait, and an ERP in trouble.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { WorkGroup } from "#engine/work";
import type { FaultInput } from "../../doubles/nav/index.ts";
import { until } from "../until.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { messagesOf } from "./topic-contracts.ts";

const sue = person("sue", "supply");
const LINES_OF_GROUP = 12;

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterEach(() => site.nav.faults());
afterAll(() => site.close());

/** Orders lines in the stores' codes; each is `item|quantity|unit|supplier`. */
async function order(number: string, ...lines: readonly string[]): Promise<void> {
  const segments = lines.flatMap((one, nth) => {
    const [item, quantity, unit, supplier = ""] = one.split("|");
    return [`RQD|${nth + 1}|${item}|||${quantity}|${unit}|||W7`, `RQ1||||${supplier}`];
  });
  const head = `MSH|^~\\&|STORES|RXX|LOCKGATE|RXX|20260701101500||OMS^O05^OMS_O05|C-${number}|P|2.5.1`;
  const message = [head, "PID|1||RXX1001^^^RXX^MR||PLUMAGE^ORSON", `ORC|NW|${number}`, ...segments].join("\r");
  expect((await site.order(Buffer.from(`${message}\r`))).code).toBe("AA");
}

const completed = async (number: string) => {
  await until(async () => (await site.journeys(number).catch(() => []))[0]?.state === "complete");
  return (await site.nav.linesOf(number)).toSorted((one, other) => Number(one.lineNumber) - Number(other.lineNumber));
};
const asked = async (number: string) => {
  await until(async () => (await site.journeys(number).catch(() => []))[0] !== undefined);
  await until(async () => (await site.asked(number)).length > 0);
  return (await site.asked(number))[0]!;
};
const mapped = (map: string, code: string, target: string) =>
  site.call("POST", `/code-maps/${map}/entries`, { system: "STORES", code, target, replaces: null }, sue);

describe("an order of stock", () => {
  it("stands line by line in the ERP's worksheet, in the ERP's codes", async () => {
    await order("R-1", "GLV-M|12|BX|BRAE-1", "SAL-500|2.5|BT");
    expect(await completed("R-1")).toMatchObject([
      {
        lineNumber: 1,
        itemNumber: "I00008",
        vendorNumber: "V00009",
        unitOfMeasureCode: "BOX",
        locationCode: "WARD7",
        quantity: 12,
      },
      { lineNumber: 2, itemNumber: "I00009", vendorNumber: "", unitOfMeasureCode: "BOTTLE", quantity: 2.5 },
    ]);
  });

  it("has its known lines written while another waits for a code", async () => {
    await order("R-2", "GLV-M|1|BX", "NEW-ITEM|1|BX");
    await until(async () => (await site.nav.linesOf("R-2")).length === 1);
    const item = await asked("R-2");
    expect(item.title).toBe("Unknown item code NEW-ITEM of STORES");
    await mapped("item", "NEW-ITEM", "I00010");
    await site.decide(item, "retry", sue);
    expect((await completed("R-2")).map(({ itemNumber }) => itemNumber)).toEqual(["I00008", "I00010"]);
  });

  it.each<[string, FaultInput]>([
    ["the answer to a write is lost", { kind: "commitThenDrop", times: 1, match: { method: "POST" } }],
    ["the worksheet is locked", { kind: "lock", times: 2, match: { method: "POST" } }],
    ["too much is asked", { kind: "throttle", times: 2, match: { method: "POST" } }],
  ])("is written once though %s", async (name, fault) => {
    const number = `R-F-${name.length}`;
    await site.nav.faults(fault);
    await order(number, "GLV-M|3|BX");
    expect(await completed(number)).toHaveLength(1);
    expect((await site.nav.fired())[0]!.fired).toBeGreaterThan(0);
    const written = (await site.nav.ledger()).filter(({ key, kind }) => key.startsWith(number) && kind === "insert");
    expect(written).toHaveLength(1);
  });

  it("waits for the supply team where the ERP refuses a line, and goes on once that is mended", async () => {
    await order("R-3", "THM-HG|1|EA");
    const item = await asked("R-3");
    expect(item).toMatchObject({ reason: "ERP_REFUSED", queue: "supply", domain: "supply" });
    const { content } = await site.show(item.id, sue);
    expect(content).toMatchObject({ kind: "requisition-line", at: ["item"], mapped: { item: "I00012" } });
    await site.call(
      "POST",
      "/code-maps/item/entries",
      { system: "STORES", code: "THM-HG", target: "I00013", replaces: "I00012" },
      sue,
    );
    await site.decide(item, "retry", sue);
    expect(await completed("R-3")).toMatchObject([{ itemNumber: "I00013" }]);
  });

  it("is carried on where the ERP comes back after it was away", async () => {
    const back = await site.stopNav();
    await order("R-4", "GLV-M|1|BX");
    await back();
    expect(await completed("R-4")).toHaveLength(1);
  });
});

it("has many lines that wait for one code go on by one mapping and one decision", async () => {
  for (let nth = 1; nth <= LINES_OF_GROUP; nth += 1) await order(`R-G${nth}`, "GLV-M|1|BX|FRESH-1");
  const first = await asked(`R-G${LINES_OF_GROUP}`);
  const { domain, queue, reason, title } = first;
  const waiting = async () =>
    (await site.call<{ maps: { map: string; waiting: number }[] }>("GET", "/code-maps", undefined, sue)).maps.find(
      ({ map }) => map === "supplier",
    )!.waiting;
  await until(async () => (await waiting()) === LINES_OF_GROUP);
  await mapped("supplier", "FRESH-1", "V00008");
  const wish = { filter: { domain, queue, reason, title }, deed: "decide", action: "retry" };
  const { group } = await site.call<{ group: WorkGroup }>("POST", "/work-groups", wish, sue);
  expect(group.targets).toBe(LINES_OF_GROUP);
  await site.call("POST", `/work-groups/${group.id}/start`, { digest: group.digest }, sue);
  for (let nth = 1; nth <= LINES_OF_GROUP; nth += 1)
    expect(await completed(`R-G${nth}`)).toMatchObject([{ vendorNumber: "V00008" }]);
  expect(await waiting()).toBe(0);
});

it("tells on its topics what the documents say, and nothing of whom an order was for", async () => {
  const { topics, odd } = await messagesOf(site.db);
  expect(odd).toEqual([]);
  for (const topic of ["requisition.made", "requisition.settled", "nav-supplies-write.requested"])
    expect(topics).toContain(topic);
  const { items } = await site.call<{ items: unknown[] }>("POST", "/work/list", {}, sue);
  const shown = JSON.stringify([items, await site.nav.ledger(), await site.log()]);
  for (const word of ["PLUMAGE", "ORSON", "RXX1001"]) expect(shown).not.toContain(word);
  expect((await site.verifyAudit()).faults).toEqual([]);
});
