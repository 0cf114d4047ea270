// Write-back at its work: how a change is carried out, and what whoever asked is told.

import { afterAll, beforeAll, expect, it } from "vitest";
import { journeyLeaves } from "#engine/audit";
import type { WriteRequest } from "#engine/writeback";
import { newId } from "#kernel/ids";
import { type KnownRecord, onBasis, type Rig, request, startRig } from "./writeback-rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

it("tells whoever asked, in the request's journey and the subject's session, and holds no value", async () => {
  const { subject, externalId } = await rig.adopted({ town: "Oldtown" });
  const asked = request(subject, { town: "Marker-Newtown" });
  const journeyId = newId();
  await rig.commit([rig.writeback.request(asked, { journeyId, traceparent, position: 7 })]);
  const told = await rig.settled(asked.idempotencyKey);
  const { version } = rig.held(externalId);
  expect(told).toEqual({
    target: "fake",
    subject,
    idempotencyKey: asked.idempotencyKey,
    state: "applied",
    externalId,
    version,
  });
  const message = rig.heard.find((one) => one.told.idempotencyKey === asked.idempotencyKey)!.message;
  expect(message).toMatchObject({ session: subject, journeyId, traceparent, source: "writeback.fake" });
  const [cause] = await rig.db.query({
    text: "select session from backbone.log where position = $1",
    values: [message.causationId],
  });
  expect(cause).toEqual({ session: subject });
  expect(message.body.toString()).not.toContain("Marker");
  const leaves = await journeyLeaves(rig.db, journeyId);
  expect(leaves.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(["written ok", "read-back ok"]);
});

it("spares the first read on a basis", async () => {
  const record = await rig.adopted({ town: "Oldtown" });
  const { told, calls } = await rig.carryOut(onBasis(record, { town: "Newtown" }));
  expect([told.state, calls]).toEqual(["applied", ["update", "read"]]);
});

it("looks once before it calls a record unchanged", async () => {
  const record = await rig.adopted({ town: "Oldtown" });
  const { told, calls } = await rig.carryOut(onBasis(record, { town: "Oldtown" }));
  expect([told.state, told.version, calls]).toEqual(["unchanged", record.version, ["read"]]);
});

it("writes where nothing differed from a basis that is no longer true", async () => {
  const record = await rig.adopted({ town: "Oldtown" });
  rig.edit(record.externalId, { town: "Elsewhere" });
  const { told } = await rig.carryOut(onBasis(record, { town: "Oldtown" }));
  expect([told.state, rig.held(record.externalId).values.town]).toEqual(["applied", "Oldtown"]);
});

it("makes no record for a change that was decided on a basis", async () => {
  const { told, calls } = await rig.carryOut(
    request(newId(), { town: "Newtown" }, { basis: { version: "v1", values: { town: null }, strict: false } }),
  );
  expect([told.state, told.code, calls]).toEqual(["refused", "ERP_NOT_FOUND", ["find"]]);
});

const refusals: readonly [string, string, (record: KnownRecord) => WriteRequest, readonly string[]][] = [
  [
    "the target refuses the values",
    "ERP_REFUSED",
    ({ subject }) => {
      rig.fail("refused");
      return request(subject, { town: "Newtown" });
    },
    ["town"],
  ],
  [
    "the target makes something else of them",
    "WRITEBACK_MISMATCH",
    (record) => {
      rig.fail("mismatch");
      return onBasis(record, { town: "Newtown" });
    },
    ["town"],
  ],
  [
    "somebody changed the field after the event",
    "WRITEBACK_CONFLICT",
    ({ subject, externalId }) => {
      rig.edit(externalId, { town: "Elsewhere" });
      return request(subject, { town: "Newtown" }, { eventAt: 1_000 });
    },
    ["town"],
  ],
  [
    "the record moved since an approval",
    "WRITEBACK_CONFLICT",
    (record) => {
      rig.edit(record.externalId, { phone: "1" });
      return onBasis(record, { town: "Newtown" }, true);
    },
    [],
  ],
  [
    "the record moved since an approval of what it held already",
    "WRITEBACK_CONFLICT",
    (record) => {
      rig.edit(record.externalId, { town: "Elsewhere" });
      return onBasis(record, { town: "Oldtown" }, true);
    },
    ["town"],
  ],
];
it.each(refusals)(
  "tells a refusal with its code and fields, and goes on with the subject, where %s",
  async (...given) => {
    const [, code, prepare, fields] = given;
    const record = await rig.adopted({ town: "Oldtown" });
    const asked = prepare(record);
    const next = request(record.subject, { phone: "2" });
    const journeyId = newId();
    const from = { journeyId, traceparent: undefined, position: 1 };
    await rig.commit([rig.writeback.request(asked, from), rig.writeback.request(next, from)]);
    expect(await rig.settled(asked.idempotencyKey)).toMatchObject({ state: "refused", code, fields });
    expect(await rig.stateOf(asked.idempotencyKey)).toBe("refused");
    expect((await rig.settled(next.idempotencyKey)).state).toBe("applied");
    expect(rig.toldOf(asked.idempotencyKey)).toHaveLength(1);
    expect(await journeyLeaves(rig.db, journeyId)).toMatchObject([
      { name: "written", outcome: "refused", code },
      { name: "written", outcome: "ok" },
      { name: "read-back", outcome: "ok" },
    ]);
  },
);

it("refuses the change of a record that is gone", async () => {
  const record = await rig.adopted({ town: "Oldtown" });
  rig.remove(record.externalId);
  const { told } = await rig.carryOut(onBasis(record, { town: "Newtown" }));
  expect(told).toMatchObject({ state: "refused", code: "ERP_NOT_FOUND" });
});

it("keeps a new record's place where the target made something else of it, so that no second one is made", async () => {
  const subject = newId();
  rig.fail("mismatch");
  const { told } = await rig.carryOut(request(subject, { town: "Newtown" }));
  expect(told).toMatchObject({ state: "refused", code: "WRITEBACK_MISMATCH", version: "v1" });
  expect(await rig.writeback.reference(subject)).toMatchObject({ version: "v1", held: { town: null } });
  const { told: next, calls } = await rig.carryOut(request(subject, { town: "Newtown" }));
  expect([next.state, next.externalId]).toEqual(["applied", told.externalId]);
  expect(calls).not.toContain("create");
});

it("undoes a change by the earlier values, unless somebody has changed the record since", async () => {
  const record = await rig.adopted({ town: "Oldtown", phone: null });
  const { told } = await rig.carryOut(onBasis(record, { town: "Newtown", phone: "1" }));
  const undo = () =>
    request(
      record.subject,
      { town: "Oldtown", phone: null },
      { basis: { version: told.version!, values: {}, strict: true } },
    );
  const undone = await rig.carryOut(undo());
  expect(undone.told.state).toBe("applied");
  expect(rig.held(record.externalId).values).toEqual({ town: "Oldtown", phone: null });
  rig.edit(record.externalId, { town: "Elsewhere" });
  expect((await rig.carryOut(undo())).told).toMatchObject({ state: "refused", code: "WRITEBACK_CONFLICT" });
  expect(rig.held(record.externalId).values.town).toBe("Elsewhere");
});

it("writes the rows of a round of requests in one statement for each kind", async () => {
  const records = await Promise.all(Array.from({ length: 24 }, () => rig.adopted({ town: "Oldtown" })));
  const requests = records.map((record) => onBasis(record, { town: "Newtown" }));
  const gathered = requests.flatMap(
    (asked) => rig.writeback.request(asked, { journeyId: newId(), traceparent: undefined, position: 1 }).gather,
  );
  expect(new Set(gathered.map(({ write }) => write)).size).toBe(1);
  await rig.ask(...requests);
  for (const { idempotencyKey } of requests) expect((await rig.settled(idempotencyKey)).state).toBe("applied");
  for (const record of records)
    expect(await rig.writeback.reference(record.subject)).toMatchObject({
      externalId: record.externalId,
      version: rig.held(record.externalId).version,
      held: { town: "Newtown" },
    });
});

it("reads the target's record and knows no reference of a subject that it has never met", async () => {
  const { externalId } = await rig.adopted({ town: "Oldtown" });
  expect(await rig.writeback.read(externalId, { traceparent })).toMatchObject({ values: { town: "Oldtown" } });
  expect(await rig.writeback.reference(newId())).toBeUndefined();
});
