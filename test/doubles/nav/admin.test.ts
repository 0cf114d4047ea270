// The admin desk: edits by a user of the ERP, records, switches, reset, and strict bodies.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { elsewhere, type Site, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());
beforeEach(() => site.admin("reset", { method: "POST" }));

const edit = (body: unknown, company = "") => site.admin(`records/patients${company}`, { method: "PUT", body });

describe("an edit by a user of the ERP", () => {
  test("changes the record, its ETag and the ledger, without idempotency key", async () => {
    const before = await site.patient("PAT00001");
    expect((await edit({ number: "PAT00001", city: "Otherby" })).json.city).toBe("Otherby");
    const after = await site.patient("PAT00001");
    expect(after["@odata.etag"]).not.toBe(before["@odata.etag"]);
    expect(await site.ledger()).toMatchObject([
      { user: "ERPUSER", idempotencyKey: null, changes: { city: { to: "Otherby" } } },
    ]);
  });

  test("carries no idempotency key even when it sets the reference", async () => {
    await edit({ number: "PAT00001", externalReference: "by hand" });
    expect((await site.ledger()).map(({ idempotencyKey }) => idempotencyKey)).toEqual([null]);
  });

  test("finds the record by MRN, and creates one where there is none", async () => {
    await edit({ mrn: "RX1000002", title: "Dr" });
    await edit({ number: "X1", mrn: "RX5", lastName: "Newcomer" });
    expect((await site.ledger()).map(({ kind, key }) => `${kind} ${key}`)).toEqual(["modify PAT00002", "insert X1"]);
  });

  test("takes a whole record as it was read", async () => {
    const records = (await site.admin("records/patients")).json;
    expect((await edit({ ...records[0], city: "Wholeby" })).status).toBe(200);
    expect(Object.keys((await site.ledger())[0]!.changes)).toEqual(["city"]);
  });

  test("works in the company that is named", async () => {
    await edit({ number: "PAT00001", city: "Farby" }, `?company=${encodeURIComponent(elsewhere.name)}`);
    const there = await site.admin(`records/patients?company=${elsewhere.id}`);
    expect(there.json.map(({ city }: { city: string }) => city)).toEqual(["Farby", "Port Ashby"]);
    expect((await site.patient("PAT00001")).city).toBe("Harrowgate Mills");
  });

  const refused: [string, unknown, string][] = [
    ["an unknown field", { number: "PAT00001", shoe: 3 }, "shoe"],
    ["an over-long value", { number: "PAT00001", title: "Right Honourable" }, "Application_StringExceededLength"],
    ["a list", [], "must be a record"],
    ["no JSON", "{", "not JSON"],
  ];
  test.each(refused)("%s is refused with a reason", async (_promise, body, reason) => {
    const answer = await edit(body);
    expect([answer.status, answer.json.error]).toEqual([400, expect.stringContaining(reason)]);
  });

  test("of an unknown entity or company is refused", async () => {
    expect((await site.admin("records/shoes")).status).toBe(404);
    expect((await site.admin("records/patients?company=NOBODY")).status).toBe(400);
  });
});

describe("the desk", () => {
  test("needs no credentials and says that it is well", async () => {
    expect((await site.admin("health")).json).toEqual({ ok: true, ledger: 0 });
  });

  test("shows the ledger from a given entry on", async () => {
    await edit({ number: "PAT00001", city: "A" });
    await edit({ number: "PAT00001", city: "B" });
    expect((await site.admin("ledger?after=1")).text).toMatch(/^\{"seq":2,.*\}\n$/);
    expect((await site.admin("ledger?after=x")).status).toBe(400);
  });

  test("reset brings back seed data, switches, faults and ledger", async () => {
    const seeded = (await site.admin("records/patients")).text;
    await edit({ number: "PAT00001", city: "A" });
    await site.admin("switches", { method: "PUT", body: { staleStatus: 412 } });
    await site.faults({ kind: "lock", times: 1 });
    await site.admin("reset", { method: "POST" });
    expect((await site.admin("records/patients")).text).toBe(seeded);
    expect((await site.admin("switches")).json.staleStatus).toBe(409);
    expect((await site.admin("faults")).json).toEqual([]);
    expect(await site.ledger()).toEqual([]);
  });

  test.each([
    ["an unknown switch", { colour: "red" }],
    ["a value out of range", { pageSize: 0 }],
    ["a status that is none of the known ones", { staleStatus: 418 }],
  ])("refuses %s with a reason", async (_promise, body) => {
    const answer = await site.admin("switches", { method: "PUT", body });
    expect([answer.status, typeof answer.json.error]).toEqual([400, "string"]);
  });

  test("knows no other address", async () => {
    expect((await site.admin("shutdown", { method: "POST" })).status).toBe(404);
  });
});
