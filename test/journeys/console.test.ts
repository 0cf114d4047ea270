// What a console needs of `ops/v1`: messages and their content, bulk replay, the audit searched, the platform at a glance.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Replay, ReplayItem } from "#engine/backbone";
import type { Flows, MessageHead } from "#engine/monitor";
import { until } from "../until.ts";
import { adt, testNhsNumber } from "./adt.ts";
import { idOf, person, type Site, startSite } from "./platform-rig.ts";
import { nationally, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());

const otto = person("otto", "operator");
const cleo = person("cleo", "clinical-safety-officer");
const ada = person("ada", "auditor");

const why = { "access-reason": "the sender calls and asks" };
const safety = { ...why, "purpose-of-use": "safety-review" };
const emergency = { ...why, "purpose-of-use": "break-glass" };

type Stated = { readonly field: string; readonly value?: string; readonly at: readonly string[] };
type Shown = MessageHead & { readonly body: string; readonly withheld?: string; readonly fields: readonly Stated[] };
const reveal = (id: string, as = otto, headers: Record<string, string> = why) =>
  site.call<Shown>("GET", `/messages/${id}/content`, undefined, as, headers);
const textOf = ({ body }: Shown) => Buffer.from(body, "base64").toString();
const search = async (filter: object) =>
  site.call<{ messages: MessageHead[]; next?: string }>("POST", "/messages/search", filter, otto);

describe("a message", () => {
  it("is found by channel, state and time, page by page, newest first", async () => {
    for (const nth of [1, 2, 3]) await t.register({ mrn: `CO${nth}`, nhsNumber: testNhsNumber(8_000 + nth * 10) });
    const refused = adt({
      event: "A28",
      controlId: "CO-BAD",
      at: Date.now(),
      person: { mrn: "CO4", nhsNumber: testNhsNumber(8_040), birthDate: "29990101" },
    });
    expect((await site.send(refused)).code).toBe("AE");
    const { messages } = await search({ channel: "adt", limit: 100 });
    expect(messages.map(({ state }) => state)).toEqual(["refused", "complete", "complete", "complete"]);
    expect(messages[0]).toMatchObject({ controlId: "CO-BAD", code: expect.stringMatching(/^DQ-DOB/) });
    expect((await search({ state: "complete" })).messages).toHaveLength(3);
    expect((await search({ channel: "nobody's" })).messages).toEqual([]);
    expect((await search({ until: new Date(Date.now() - 3_600_000).toISOString() })).messages).toEqual([]);
    const first = await search({ limit: 3 });
    const second = await search({ limit: 3, before: first.next });
    expect([...first.messages, ...second.messages].map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
    expect(JSON.stringify(messages)).not.toContain(testNhsNumber(8_010));
  });

  it("is shown whole of somebody who is known and not restricted, for a reason, on record", async () => {
    const spoken = { mrn: "CO5", nhsNumber: testNhsNumber(8_050), addressLine1: "5 Openrow" };
    await t.register(spoken);
    const { id } = await site.journey("CO5-0");
    const shown = await reveal(id);
    expect(shown.withheld).toBeUndefined();
    expect(textOf(shown)).toContain("5 Openrow");
    const address = { field: "addressLine1", value: "5 Openrow", at: ["PID-11.1"], codes: [] };
    expect(shown.fields).toContainEqual(address);
    await expect(reveal(id, otto, {})).rejects.toThrow("ACCESS_REFUSED");
    const rows = await site.db.query({
      text: "select 1 from audit.access join audit.access_about using (position) where about = $1 and actor = $2",
      values: [`message/${id}`, idOf(otto)],
    });
    expect(rows.length).toBeGreaterThan(0);
  });

  it("of a restricted person is shown without whereabouts, but for a safety review or an emergency", async () => {
    const nhsNumber = testNhsNumber(8_060);
    await site.pds.know(nationally(nhsNumber, { restricted: true }));
    const spoken = { mrn: "CO6", nhsNumber, addressLine1: "6 Hiddenrow", phone: "01632960666" };
    await t.ended(await t.update(spoken, 0, "A28"));
    await until(async () => (await t.known("CO6")).restricted);
    const { id } = await site.journey("CO6-0");
    const cut = await reveal(id);
    expect(cut.withheld).toBe("whereabouts");
    expect(textOf(cut)).toMatch(/^MSH\|/);
    expect(textOf(cut)).toContain(nhsNumber);
    expect(textOf(cut)).not.toMatch(/Hiddenrow|01632960666/);
    expect(JSON.stringify(cut.fields)).not.toMatch(/Hiddenrow|1632960666/);
    expect(cut.fields.find(({ field }) => field === "addressLine1")).toEqual({
      field: "addressLine1",
      at: ["PID-11.1"],
      codes: expect.any(Array),
    });
    for (const [as, headers] of [
      [cleo, safety],
      [otto, emergency],
    ] as const)
      expect(textOf(await reveal(id, as, headers))).toContain("6 Hiddenrow");
    await expect(reveal(id, otto, { "purpose-of-use": "break-glass" })).rejects.toThrow("ACCESS_REFUSED");
  });

  it("of somebody who is not known is shown without whereabouts as well", async () => {
    await site.send(
      adt({
        event: "A28",
        controlId: "CO-NEW",
        at: Date.now(),
        person: { mrn: "CO7", nhsNumber: testNhsNumber(8_070), birthDate: "29990101", addressLine1: "7 Unknownrow" },
      }),
    );
    const { id } = await site.journey("CO-NEW");
    const cut = await reveal(id);
    expect(cut.withheld).toBe("whereabouts");
    expect(textOf(cut)).not.toContain("Unknownrow");
    const letter = await site.deadLetterOf("CO-NEW");
    const path = `/dead-letters/${letter.subscription}/${letter.position}`;
    const same = await site.call<Shown>("GET", path, undefined, otto, why);
    expect(textOf(same)).toBe(textOf(cut));
  });
});

describe("a journey", () => {
  type Told = {
    readonly id: string;
    readonly businessKeys: readonly { readonly kind: string; readonly value: string }[];
  };
  const related = (id: string, as = otto) =>
    site.call<{ journeys: Told[] }>("GET", `/journeys/${id}/related`, undefined, as);

  it("is told with the others of the same patient, newest first, by local id as by NHS number, and on record", async () => {
    const spoken = { mrn: "CO8", nhsNumber: testNhsNumber(8_080), addressLine1: "8 Row" };
    await t.register(spoken);
    await t.ended(await t.update({ ...spoken, addressLine1: "9 Row" }, 1));
    await t.ended(await t.update({ ...spoken, addressLine1: "10 Row" }, 2));
    await t.register({ mrn: "CO9", nhsNumber: testNhsNumber(8_090) });
    const [first, second, third] = await Promise.all(["CO8-0", "CO8-1", "CO8-2"].map((key) => site.journey(key)));
    const { journeys } = await related(second!.id);
    expect(journeys.map(({ id }) => id)).toEqual([third!.id, first!.id]);
    expect(JSON.stringify(journeys)).not.toContain(spoken.nhsNumber);
    const alone = await site.journey("CO9-0");
    expect((await related(alone.id)).journeys).toEqual([]);
    await expect(related(first!.id, person("sue", "supply"))).rejects.toThrow("ACCESS_REFUSED");
    const rows = await site.db.query({
      text: "select 1 from audit.access join audit.access_about using (position) where about = $1 and actor = $2",
      values: [`journey/${third!.id}`, idOf(otto)],
    });
    expect(rows.length).toBeGreaterThan(0);
  });

  it("shows each of its names once, though it is found by a local id with its authority and without", async () => {
    const { id } = await site.journey("CO8-0");
    for (const key of ["CO8", "RXX:CO8"]) {
      const found = await site.call<{ journeys: Told[] }>("POST", "/journeys/search", { key }, cleo, safety);
      const [journey] = found.journeys.filter((one) => one.id === id);
      expect(journey?.businessKeys.filter(({ kind }) => kind === "localId")).toEqual([
        { kind: "localId", value: "RXX:CO8" },
      ]);
    }
  });
});

describe("a dead letter", () => {
  it("is listed with the channel that its message came by, and found by it", async () => {
    const list = async (query: string) =>
      (
        await site.call<{ deadLetters: { channel: string; subscription: string }[] }>(
          "GET",
          `/dead-letters${query}`,
          undefined,
          otto,
        )
      ).deadLetters;
    const all = await list("");
    expect(all.length).toBeGreaterThan(0);
    expect(await list("?channel=adt")).toEqual(all.filter(({ channel }) => channel === "adt"));
    expect(await list("?channel=nobodys")).toEqual([]);
  });
});

describe("a bulk replay", () => {
  it("is looked at, started by its digest, and told letter by letter", async () => {
    const { replay, first } = await site.call<{ replay: Replay; first: ReplayItem[] }>(
      "POST",
      "/replays",
      { filter: { subscription: "adt" } },
      otto,
    );
    expect(replay).toMatchObject({ state: "previewed", targets: first.length, previewedBy: idOf(otto) });
    const start = { digest: replay.digest, perSecond: 100, reason: "the channel was mended" };
    const wrong = { ...start, digest: "0".repeat(64) };
    await expect(site.call("POST", `/replays/${replay.id}/start`, wrong, otto)).rejects.toThrow("REPLAY_STALE");
    await expect(site.call("POST", `/replays/${replay.id}/start`, start, ada)).rejects.toThrow("ACCESS_REFUSED");
    await site.call("POST", `/replays/${replay.id}/start`, start, otto);
    await until(
      async () => (await site.call<Replay>("GET", `/replays/${replay.id}`, undefined, otto)).state === "done",
    );
    const { items } = await site.call<{ items: ReplayItem[] }>("GET", `/replays/${replay.id}/items`, undefined, otto);
    expect(items).toHaveLength(replay.targets);
    expect(new Set(items.map(({ state }) => state))).toEqual(new Set(["failed"]));
    expect((await site.call<{ replays: Replay[] }>("GET", "/replays", undefined, otto)).replays).toHaveLength(1);
  });
});

describe("a bulk replay under way", () => {
  it("is paused, resumed and cancelled", async () => {
    const filter = { subscription: "adt" };
    const { replay } = await site.call<{ replay: Replay }>("POST", "/replays", { filter }, otto);
    expect(replay.targets).toBe(2);
    const start = { digest: replay.digest, perSecond: 0.01, reason: "one first" };
    await site.call("POST", `/replays/${replay.id}/start`, start, otto);
    for (const [deed, state] of [
      ["pause", "paused"],
      ["resume", "running"],
      ["cancel", "cancelled"],
    ])
      expect(await site.call("POST", `/replays/${replay.id}/${deed}`, undefined, otto)).toMatchObject({ state });
    await expect(site.call("POST", `/replays/${replay.id}/resume`, undefined, otto)).rejects.toThrow("REPLAY_STATE");
    const now = async () => site.call<Replay>("GET", `/replays/${replay.id}`, undefined, otto);
    await until(async () => (await now()).endedAt !== null);
    expect((await now()).counts.left).toBeGreaterThan(0);
  });
});

describe("the audit", () => {
  it("is searched by who, what, whom and when, by those who may", async () => {
    const find = (filter: object) =>
      site.call<{ leaves: { name: string; actor?: string; position: number }[]; next?: number }>(
        "POST",
        "/audit/search",
        filter,
        ada,
        { "purpose-of-use": "audit" },
      );
    const replays = await find({ name: "replay.", actor: idOf(otto) });
    const names = replays.leaves.map(({ name }) => name);
    expect(names.slice(-2)).toEqual(["replay.started", "replay.previewed"]);
    expect(names.slice(0, 3)).toEqual(["replay.cancelled", "replay.resumed", "replay.paused"]);
    const { id } = await site.journey("CO5-0");
    const own = await find({ journeyId: id });
    expect(own.leaves.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["received", "completed", "access.read"]),
    );
    const one = await find({ limit: 1, journeyId: id });
    const next = await find({ limit: 1, journeyId: id, before: one.next });
    expect([...one.leaves, ...next.leaves]).toEqual(own.leaves.slice(0, 2));
    expect((await find({ name: "access.searched", actor: idOf(ada) })).leaves.length).toBeGreaterThan(0);
    await expect(site.call("POST", "/audit/search", {}, otto)).rejects.toThrow("ACCESS_REFUSED");
  });
});

describe("the platform at a glance", () => {
  it("tells what came in, what waits and since when", async () => {
    const flows = await site.call<Flows>("GET", "/metrics/summary", undefined, otto);
    expect(flows.received).toMatchObject([{ channel: "adt", refused: 2, filtered: 0 }]);
    const adtFlow = flows.subscriptions.find(({ name }) => name === "adt");
    expect(adtFlow).toMatchObject({ unread: 0, dead: 2, oldestAt: expect.any(String) });
    expect(flows.late).toEqual({ count: 0, isLeast: false });
  });
});
