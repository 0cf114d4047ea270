// The ERP in trouble: nothing is lost, doubled or overwritten, order is kept, and work resumes by itself.

import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { until } from "../until.ts";
import { type Adt, adt } from "./adt.ts";
import { person, type Site, startSite } from "./platform-rig.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());
afterEach(() => site.nav.faults());

const noon = Date.now() - 86_400_000;
const say = (message: Adt) => site.send(adt(message));
const steward = person("stella", "steward");

async function known(mrn: string, more = {}): Promise<void> {
  await say({ event: "A28", controlId: `${mrn}-0`, at: noon, person: { mrn, addressLine1: "0 Row", ...more } });
  expect((await site.settled(`${mrn}-0`)).state).toBe("complete");
}
const move = (mrn: string, n: number, at = noon + n * 1_000) =>
  say({ event: "A31", controlId: `${mrn}-${n}`, at, person: { mrn, addressLine1: `${n} Row` } });
const addresses = async (mrn: string) => (await site.nav.changesOf(mrn)).map(({ changes }) => changes.addressLine1?.to);

it("keeps everything in order while NAV is away, for known persons and new ones, and resumes by itself", async () => {
  await known("AW1");
  const comeBack = await site.stopNav();
  try {
    for (let n = 1; n <= 5; n += 1) expect((await move("AW1", n)).code).toBe("AA");
    for (let n = 1; n <= 5; n += 1) expect((await move("AW2", n)).code).toBe("AA");
    const waiting = () => site.db.query("select from backbone.parked where state = 'waiting' and reason is not null");
    await until(async () => (await waiting()).length > 0);
  } finally {
    await comeBack();
  }
  expect((await site.settled("AW1-5", 20_000)).state).toBe("complete");
  expect((await site.settled("AW2-5", 20_000)).state).toBe("complete");
  expect(await addresses("AW1")).toEqual(["0 Row", "1 Row", "2 Row", "3 Row", "4 Row", "5 Row"]);
  expect(await addresses("AW2")).toEqual(["1 Row", "2 Row", "3 Row", "4 Row", "5 Row"]);
});

it("counts no attempt against a message that only waits for NAV", async () => {
  const comeBack = await site.stopNav();
  try {
    await move("NC1", 1);
    const tried = async () =>
      (await site.journey("NC1-1").catch(() => undefined))?.milestones.filter(({ name }) => name === "attempted")
        .length ?? 0;
    await until(async () => (await tried()) >= 3);
    expect(await site.db.query("select attempt from backbone.parked where state = 'waiting'")).toEqual([
      { attempt: 0 },
    ]);
  } finally {
    await comeBack();
  }
  expect((await site.settled("NC1-1", 20_000)).state).toBe("complete");
});

it.each([
  ["commitThenDrop", "cuts the connection after it has written"],
  ["commitThenError", "answers with an error after it has written"],
  ["truncatedBody", "cuts its answer short after it has written"],
  ["dropBeforeCommit", "cuts the connection before it has written"],
  ["lock", "finds the record locked"],
  ["deadlock", "is chosen as a deadlock victim"],
  ["staleEtag", "has had the record written by a user just before"],
  ["throttle", "asks to slow down"],
  ["unavailable", "says it is not available"],
  ["html", "lets a gateway answer with a page"],
  ["unauthorized", "refuses the right credentials for a moment"],
] as const)("applies a change and a new person once where NAV (%s) %s", async (...[kind]) => {
  const [old, fresh] = [`F${kind}1`.toUpperCase(), `F${kind}2`.toUpperCase()];
  await known(old);
  await site.nav.faults({ kind, times: 1, match: { method: "PATCH" } }, { kind, times: 1, match: { method: "POST" } });
  await move(old, 1);
  await move(fresh, 1);
  const journeys = await Promise.all([site.settled(`${old}-1`, 20_000), site.settled(`${fresh}-1`, 15_000)]);
  expect(journeys.map(({ state }) => state)).toEqual(["complete", "complete"]);
  expect(await addresses(old)).toEqual(["0 Row", "1 Row"]);
  expect(await addresses(fresh)).toEqual(["1 Row"]);
  expect(await site.nav.patientsBy(fresh)).toHaveLength(1);
});

it("lets a restart of NAV pass and applies each change once", async () => {
  await known("RS1");
  await site.nav.faults({ kind: "restart", times: 1, durationMs: 1_000 });
  await move("RS1", 1);
  await move("RS1", 2);
  expect((await site.settled("RS1-2", 20_000)).state).toBe("complete");
  expect(await addresses("RS1")).toEqual(["0 Row", "1 Row", "2 Row"]);
});

it.each([
  ["US1", "approve", "1 Row", "applied"],
  ["US4", "refuse", "7 User Row", "refused"],
])(
  "leaves a field that an ERP user changed after the event to a steward, with NAV as the user left it (%s: %s)",
  async (...[mrn, action, left, outcome]) => {
    await known(mrn);
    const [record] = await site.nav.patientsBy(mrn);
    await site.nav.edit({ number: record!.number!, addressLine1: "7 User Row" });
    await move(mrn, 1);
    expect((await site.settled(`${mrn}-1`)).state).toBe("waiting");
    expect(await site.nav.patientsBy(mrn)).toMatchObject([{ addressLine1: "7 User Row" }]);
    const [item, ...others] = await site.asked(`${mrn}-1`);
    expect([item?.queue, others]).toEqual(["demographics-steward", []]);
    const { content } = await site.show(item!.id, steward);
    expect(content).toMatchObject({
      rows: [{ field: "addressLine1", current: "7 User Row", proposed: "1 Row" }],
    });
    await site.decide(item!, action, steward);
    const journey = await site.settled(`${mrn}-1`);
    expect(journey.milestones.at(-1)).toMatchObject({ name: "completed", outcome });
    expect(await site.nav.patientsBy(mrn)).toMatchObject([{ addressLine1: left }]);
  },
);

it("keeps an ERP user's later change safe also after another field of the record was written in between", async () => {
  await known("US2", { phone: "01632960701" });
  const [record] = await site.nav.patientsBy("US2");
  await site.nav.edit({ number: record!.number!, addressLine1: "7 User Row" });
  const phoned = {
    event: "A31",
    controlId: "US2-P",
    at: noon + 500,
    person: { mrn: "US2", phone: "01632960702" },
  } as const;
  await say(phoned);
  expect((await site.settled("US2-P")).state).toBe("complete");
  await move("US2", 1);
  expect((await site.settled("US2-1")).state).toBe("waiting");
  expect(await site.nav.patientsBy("US2")).toMatchObject([{ addressLine1: "7 User Row" }]);
});

it("overwrites an ERP user's change with an event that is newer still", async () => {
  await known("US3");
  const [record] = await site.nav.patientsBy("US3");
  await site.nav.edit({ number: record!.number!, addressLine1: "7 User Row" });
  await move("US3", 1, Date.now() + 60_000);
  expect((await site.settled("US3-1")).state).toBe("complete");
  expect(await site.nav.patientsBy("US3")).toMatchObject([{ addressLine1: "1 Row" }]);
});
