// Every number of operations and measures is as long as the list that it leads to, and the list holds what the number counts.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { append } from "#engine/audit";
import type { Measures, MessageHead, Operations } from "#engine/monitor";
import type { ItemSummary } from "#engine/work";
import { adt, testNhsNumber } from "./adt.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { nationally, type Telling, tellingOf } from "./telling.ts";

const otto = person("otto", "operator");
const anna = person("Anna");
const HOUR_MS = 3_600_000;

describe("a number", () => {
  let site: Site;
  let t: Telling;
  let asked: string;
  beforeAll(async () => {
    site = await startSite();
    t = tellingOf(site);
    for (const nth of [1, 2]) await t.register({ mrn: `DR${nth}`, nhsNumber: testNhsNumber(8_500 + nth * 10) });
    const broken = { mrn: "DR3", nhsNumber: testNhsNumber(8_530), birthDate: "29990101" };
    const refused = adt({ event: "A28", controlId: "DR3-0", at: Date.now(), person: broken });
    await site.send(refused);
    const renamed = testNhsNumber(8_510);
    for (const [update, familyName] of [
      [1, "Brookside"],
      [2, "Millrace"],
    ] as const) {
      await site.pds.know(nationally(renamed, { familyName }));
      asked = await t.update({ mrn: "DR1", nhsNumber: renamed, familyName }, update);
      // The first is decided; the second still waits.
      await (update === 1 ? t.approve(asked) : t.question(asked));
    }
    const late = await site.journey("DR2-0");
    const breach = { at: new Date(), journeyId: late.id, part: "adt", name: "sla.breached", outcome: "late" };
    await site.db.transaction((tx) => append(tx, [breach]));
  });
  afterAll(() => site.close());

  const since = () => new Date(Date.now() - HOUR_MS).toISOString();
  const behind = async (filter: object): Promise<string[]> => {
    const found: MessageHead[] = [];
    let before: string | undefined;
    do {
      const page: { messages: MessageHead[]; next?: string } = await site.call(
        "POST",
        "/messages/search",
        { since: since(), limit: 2, ...filter, ...(before === undefined ? {} : { before }) },
        otto,
      );
      found.push(...page.messages);
      before = page.next;
    } while (before !== undefined);
    return found.map(({ controlId }) => controlId);
  };

  it("of operations leads to the messages of that hour", async () => {
    const [flow] = (await site.call<Operations>("GET", "/metrics/operations", undefined, otto)).flows;
    expect(flow).toMatchObject({ hour: { received: 5, out: 3, failed: 1 }, sla: { late: 1 } });
    expect(await behind({ channel: "adt" })).toHaveLength(5);
    expect(await behind({ channel: "adt", counted: "written" })).toEqual(["DR1-1", "DR2-0", "DR1-0"]);
    expect(await behind({ channel: "adt", counted: "failed" })).toEqual(["DR3-0"]);
    expect(await behind({ channel: "adt", counted: "late" })).toEqual(["DR2-0"]);
    expect(await behind({ channel: "nobodys", counted: "failed" })).toEqual([]);
    expect(await behind({ counted: "written", since: new Date(Date.now() + HOUR_MS).toISOString() })).toEqual([]);
  });

  it("of measures leads to the messages that it counts", async () => {
    type Told = Measures & { readonly decisions: { readonly total: number; readonly automatic: number } };
    const { days, writeBack, decisions } = await site.call<Told>("GET", "/metrics/measures?days=1", undefined, otto);
    expect(days.map(({ total, right }) => [total, right])).toEqual([[5, 2]]);
    expect(await behind({ counted: "journeys" })).toHaveLength(5);
    expect(await behind({ counted: "unaided" })).toEqual(["DR2-0", "DR1-0"]);
    expect((await behind({ counted: "aided" })).sort()).toEqual(["DR1-1", "DR1-2", "DR3-0"]);
    expect(await behind({ counted: "automatic" })).toHaveLength(decisions.automatic);
    expect(await behind({ counted: "asked" })).toEqual([asked, "DR1-1"]);
    const classes = await Promise.all(
      writeBack.classes.map(({ belowMs }, nth, all) =>
        behind({
          counted: "written",
          leastMs: all[nth - 1]?.belowMs ?? 0,
          ...(belowMs === null ? {} : { belowMs }),
        }),
      ),
    );
    expect(classes.map(({ length }) => length)).toEqual(writeBack.classes.map(({ count }) => count));
    for (const counted of ["linked", "reviewed", "overturned"]) expect(await behind({ counted })).toEqual([]);
  });

  it("of a cause leads to all items of the time, decided ones among them, and says what they cost in waiting", async () => {
    const { causes } = await site.call<Measures>("GET", "/metrics/measures?days=7", undefined, otto);
    expect(causes).toMatchObject([{ queue: "demographics", reason: "RC-401", opened: 2, waiting: 1 }]);
    expect(causes[0]!.waitedMs).toBeGreaterThan(0);
    expect(causes[0]!.waitedMs).toBeLessThan(HOUR_MS);
    const list = async (filter: object) =>
      (await site.call<{ items: ItemSummary[] }>("POST", "/work/list", filter, anna)).items;
    const cause = { queue: "demographics", reason: "RC-401" };
    expect((await list({ ...cause, since: since() })).map(({ state }) => state)).toEqual(["open", "decided"]);
    expect(await list({ ...cause, since: new Date(Date.now() + HOUR_MS).toISOString() })).toEqual([]);
    expect(await list({ ...cause, reason: "RC-402" })).toEqual([]);
  });

  it("of a queue leads to the letters that lie in it, and that of a cause to those that it stopped", async () => {
    const list = async (query: string) =>
      (await site.call<{ deadLetters: object[] }>("GET", `/dead-letters?${query}`, undefined, otto)).deadLetters;
    const [letter] = await list("channel=adt");
    expect(await list("subscription=adt&reason=PERSON_INVALID")).toEqual([letter]);
    expect(await list("subscription=writeback.nav")).toEqual([]);
    expect(await list("reason=ERP_REFUSED")).toEqual([]);
    expect(await list("state=waiting")).toEqual([]);
  });
});
