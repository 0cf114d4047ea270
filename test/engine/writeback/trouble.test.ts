// Write-back against a target and a database in trouble: each change takes place once, and is told once.

import { afterAll, beforeAll, expect, it } from "vitest";
import { journeyLeaves } from "#engine/audit";
import type { Values, WriteRequest } from "#engine/writeback";
import { newId } from "#kernel/ids";
import { until } from "../../until.ts";
import type { Fault } from "./fake-target.ts";
import { type KnownRecord, onBasis, type Rig, request, startRig } from "./writeback-rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const faults: readonly [Fault, string][] = [
  ["stale", "finds the record moved"],
  ["commit-then-drop", "writes and loses its answer"],
  ["drop", "loses the request"],
  ["locked", "finds the record locked"],
];
const ways: readonly [string, (record: KnownRecord, values: Values) => WriteRequest][] = [
  ["with a basis", (record, values) => onBasis(record, values)],
  ["without a basis", ({ subject }, values) => request(subject, values)],
];
it.each(faults.flatMap(([fault, what]) => ways.map(([how, ask]) => [fault, what, how, ask] as const)))(
  "writes once and tells once where the target (%s) %s, %s",
  async (fault, _, __, ask) => {
    const record = await rig.adopted({ town: "Oldtown" });
    rig.fail(fault);
    const asked = ask(record, { town: "Newtown" });
    const { told } = await rig.carryOut(asked);
    expect(told).toMatchObject({ state: "applied", version: rig.held(record.externalId).version });
    expect(rig.writesOf(asked)).toHaveLength(1);
    // The next of the subject goes through, and by then a second message would have come.
    expect((await rig.carryOut(request(record.subject, { town: "Thirdtown" }))).told.state).toBe("applied");
    expect(rig.toldOf(asked.idempotencyKey)).toHaveLength(1);
  },
);

it.each([true, false])(
  "finds by its key what it wrote and others then changed, and takes it for applied (strict: %s)",
  async (strict) => {
    const record = await rig.adopted({ town: "Oldtown" });
    const asked = onBasis(record, { town: "Newtown" }, strict);
    const lost = rig.loseCommit(() => {
      if (rig.writesOf(asked).length > 0) rig.edit(record.externalId, { town: "Elsewhere" });
      return rig.writesOf(asked).length > 0;
    });
    const { told } = await rig.carryOut(asked);
    await lost;
    expect([told.state, rig.writesOf(asked).length]).toEqual(["applied", 1]);
    expect(rig.held(record.externalId).values.town).toBe("Elsewhere");
  },
);

it("leaves to a person, and tells nobody, what every later request would fail by too", async () => {
  const record = await rig.adopted({ town: "Oldtown" });
  rig.fail("unsupported");
  const asked = onBasis(record, { town: "Newtown" });
  const next = request(record.subject, { phone: "1" });
  await rig.ask(asked, next);
  const dead = () => rig.backbone.parked({ state: "dead", subscription: "writeback.fake", most: 10 });
  await until(async () => (await dead()).length > 0);
  const [letter] = await dead();
  expect(letter).toMatchObject({ reason: "ERP_UNSUPPORTED", session: record.subject });
  expect(await rig.stateOf(asked.idempotencyKey)).toBe("requested");
  expect(rig.heard.some(({ told }) => told.subject === record.subject)).toBe(false);

  await rig.backbone.replayDeadLetter("writeback.fake", letter!.position, "operator");
  expect((await rig.settled(asked.idempotencyKey)).state).toBe("applied");
  expect((await rig.settled(next.idempotencyKey)).state).toBe("applied");
});

it("waits while the target is down and then goes on in order", async () => {
  const record = await rig.adopted({ town: "Oldtown" });
  rig.down(true);
  const asked = [1, 2, 3].map((n) => request(record.subject, { town: `Town ${n}` }));
  const before = rig.calls.length;
  await rig.ask(...asked);
  await until(() => rig.calls.length > before);
  expect(rig.heard.some(({ told }) => told.subject === record.subject)).toBe(false);
  rig.down(false);
  for (const one of asked) expect((await rig.settled(one.idempotencyKey)).state).toBe("applied");
  expect(
    rig.writes.filter(({ externalId }) => externalId === record.externalId).map(({ values }) => values.town),
  ).toEqual(["Town 1", "Town 2", "Town 3"]);
});

it("commits rows, leaves and the message together, and finds what it wrote when that commit is lost", async () => {
  const record = await rig.adopted({ town: "Oldtown" });
  const asked = onBasis(record, { town: "Newtown" });
  const journeyId = newId();
  const lost = rig.loseCommit(() => {
    // Until we have looked, the second attempt finds nobody there.
    if (rig.writesOf(asked).length > 0) rig.down(true);
    return rig.writesOf(asked).length > 0;
  });
  await rig.commit([rig.writeback.request(asked, { journeyId, traceparent: undefined, position: 1 })]);
  await lost;
  const { version } = rig.held(record.externalId);
  expect(await rig.stateOf(asked.idempotencyKey)).toBe("requested");
  expect(await rig.writeback.reference(record.subject)).toMatchObject({ version: record.version });
  expect(rig.toldOf(asked.idempotencyKey)).toEqual([]);

  rig.down(false);
  expect(await rig.settled(asked.idempotencyKey)).toMatchObject({ state: "applied", version });
  expect(rig.writesOf(asked)).toHaveLength(1);
  expect((await rig.carryOut(request(record.subject, { phone: "1" }))).told.state).toBe("applied");
  expect(rig.toldOf(asked.idempotencyKey)).toHaveLength(1);
  const leaves = await journeyLeaves(rig.db, journeyId);
  expect(leaves.slice(-2).map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(["written found", "read-back ok"]);
});

it("does nothing again when its topic is replayed", async () => {
  const record = await rig.adopted({ town: "Oldtown" });
  const first = request(record.subject, { town: "Newtown" });
  await rig.carryOut(first);
  await rig.carryOut(request(record.subject, { town: "Oldtown" }));
  const [calls, heard] = [rig.calls.length, rig.heard.length];
  const cursors = () =>
    rig.db.query(
      "select partition, position from backbone.cursor where subscription = 'writeback.fake' order by partition",
    );
  const before = JSON.stringify(await cursors());
  await rig.backbone.replay("writeback.fake", new Date(0));
  expect(JSON.stringify(await cursors())).not.toBe(before);
  await until(async () => JSON.stringify(await cursors()) === before);
  expect([rig.calls.length, rig.heard.length]).toEqual([calls, heard]);
});
