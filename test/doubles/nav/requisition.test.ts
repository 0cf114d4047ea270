// The requisition worksheet of the double: what NAV's triggers fill in and refuse, keys, and faults that strike it.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cronus, type Site, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());
beforeEach(() => site.admin("reset", { method: "POST" }));

const line = {
  orderNumber: "R-1001",
  lineNumber: 1,
  itemNumber: "I00008",
  vendorNumber: "V00008",
  unitOfMeasureCode: "BOX",
  locationCode: "WARD7",
  quantity: 12.5,
  dueDate: "2026-12-01",
  externalReference: "key-1",
};
const create = (more: Record<string, unknown> = {}) =>
  site.hospital("requisitionLines", { method: "POST", body: { ...line, ...more } });
async function change(body: object) {
  const [row] = (await site.hospital("requisitionLines")).json.value;
  return site.hospital(`requisitionLines(${row.id})`, {
    method: "PATCH",
    body,
    headers: { "if-match": row["@odata.etag"] },
  });
}

describe("a line of the requisition worksheet", () => {
  test("is kept in the default batch, with its item's description", async () => {
    const { status, json } = await create({ itemNumber: " i00008 " });
    expect(status).toBe(201);
    const { id, lastModifiedDateTime, ...values } = json;
    expect(values).toEqual({
      "@odata.context": expect.stringContaining("/requisitionLines/$entity"),
      "@odata.etag": expect.stringMatching(/^W\//),
      journalBatchName: "DEFAULT",
      ...line,
      description: "Nitrile gloves, medium, box of 100",
    });
    expect((await site.hospital(`requisitionLines(${id})`)).json).toMatchObject({ id, lastModifiedDateTime, ...line });
  });

  test("takes the item's unit where it has none, and another item's description with that item", async () => {
    const { unitOfMeasureCode: _none, ...rest } = line;
    const created = await site.hospital("requisitionLines", { method: "POST", body: rest });
    expect(created.json.unitOfMeasureCode).toBe("BOX");
    const changed = await change({ itemNumber: "I00014" });
    expect(changed.json).toMatchObject({ description: "Glucose 5% 500 ml", unitOfMeasureCode: "BOX" });
  });

  test("may have no vendor, no location and no due date", async () => {
    const blank = { vendorNumber: "", locationCode: "", dueDate: "0001-01-01" };
    expect((await create(blank)).json).toMatchObject(blank);
  });

  test("records its key beside those of the patients", async () => {
    const { id } = (await create()).json;
    const filter = encodeURIComponent("key eq 'key-1'");
    expect((await site.hospital(`integrationKeys?$filter=${filter}`)).json.value).toMatchObject([
      { key: "key-1", tableNo: 246, recordId: id, number: "" },
    ]);
    const taken = await site.hospital("patients", { method: "POST", body: { mrn: "RX9", externalReference: "key-1" } });
    expect(taken.json.error.code).toBe("Internal_EntityWithSameKeyExists");
    const again = await create({ lineNumber: 2 });
    expect(again.json.error.code).toBe("Internal_EntityWithSameKeyExists");
    expect((await change({ quantity: 3, externalReference: "key-2" })).status).toBe(200);
    expect((await create({ lineNumber: 2, externalReference: "key-1" })).status).toBe(400);
    expect((await site.ledger()).map(({ key, idempotencyKey }) => [key, idempotencyKey])).toEqual([
      ["R-1001|0000000001", "key-1"],
      ["R-1001|0000000001", "key-2"],
    ]);
  });

  test("is there once by order and line, letter case aside", async () => {
    await create();
    const again = await create({ orderNumber: "r-1001", externalReference: "key-2" });
    expect(again.json.error).toMatchObject({ code: "Internal_EntityWithSameKeyExists" });
    expect(again.json.error.message).toContain("The record in table Requisition Line already exists.");
    expect((await create({ lineNumber: 2, externalReference: "key-2" })).status).toBe(201);
    expect((await create({ orderNumber: "R-1002", externalReference: "key-3" })).status).toBe(201);
    const rows = (await site.hospital("requisitionLines")).json.value;
    expect(rows.map((row: typeof line) => [row.orderNumber, row.lineNumber])).toEqual([
      ["R-1001", 1],
      ["R-1001", 2],
      ["R-1002", 1],
    ]);
  });

  const blocked = "Blocked must be equal to 'No'  in Item: No.=I00012. Current value is 'Yes'.";
  const relation = (field: string, value: string, table: string) =>
    `The field ${field} of table Requisition Line contains a value (${value}) that cannot be found in the related table (${table}).`;
  const where = "External Order No.='R-1001',External Line No.='1'";
  const refusals: [body: Record<string, unknown>, code: string, text: string][] = [
    [{ itemNumber: "I00012" }, "Application_FieldValidationException", blocked],
    [
      { vendorNumber: "V00011" },
      "Application_DialogException",
      "You cannot create this type of document when Vendor V00011 is blocked with type All",
    ],
    [{ itemNumber: "NONE" }, "Internal_InvalidTableRelation", relation("No.", "NONE", "Item")],
    [{ vendorNumber: "NONE" }, "Internal_InvalidTableRelation", relation("Vendor No.", "NONE", "Vendor")],
    [
      { unitOfMeasureCode: "NONE" },
      "Internal_InvalidTableRelation",
      relation("Unit of Measure Code", "NONE", "Unit of Measure"),
    ],
    [{ locationCode: "NONE" }, "Internal_InvalidTableRelation", relation("Location Code", "NONE", "Location")],
    [
      { itemNumber: "" },
      "Application_FieldValidationException",
      `No. must have a value in Requisition Line: ${where}. It cannot be zero or empty.`,
    ],
    [
      { quantity: 0 },
      "Application_FieldValidationException",
      `Quantity must have a value in Requisition Line: ${where}.`,
    ],
    [
      { quantity: -2 },
      "Application_FieldValidationException",
      `Quantity must be positive in Requisition Line ${where}.`,
    ],
    [{ orderNumber: "x".repeat(36) }, "Application_StringExceededLength", "less than or equal to 35 characters"],
    [{ description: "Mine" }, "BadRequest_InvalidOperation", "Control 'Description' is read-only."],
  ];
  test.each(refusals)("is refused when written as %j, new or changed", async (body, code, text) => {
    const made = await create(body);
    await create();
    const before = await site.ledger();
    for (const answer of [made, await change(body)]) {
      expect(answer.json.error.code).toBe(code);
      expect(answer.json.error.message).toContain(text);
    }
    expect(await site.ledger()).toEqual(before);
    expect(before).toHaveLength(1);
  });

  test("whose item or vendor was blocked later can still be changed", async () => {
    await create();
    await site.admin("records/items", { method: "PUT", body: { number: "I00008", blocked: true } });
    await site.admin("records/vendors", { method: "PUT", body: { number: "V00008", blocked: "All" } });
    expect((await change({ quantity: 3 })).json.quantity).toBe(3);
  });

  test("is changed by a user of the ERP by its reference, and cannot be deleted", async () => {
    const { id, "@odata.etag": etag } = (await create()).json;
    const body = { externalReference: "key-1", quantity: 4 };
    const edited = await site.admin("records/requisitionLines", { method: "PUT", body });
    expect(edited.json).toMatchObject({ ...line, quantity: 4 });
    const stale = { method: "PATCH", body: { quantity: 5 }, headers: { "if-match": etag } };
    expect((await site.hospital(`requisitionLines(${id})`, stale)).json.error.code).toBe("Request_EntityChanged");
    expect((await site.hospital(`requisitionLines(${id})`, { method: "DELETE" })).status).toBe(405);
  });
});

describe("faults on the requisition worksheet", () => {
  const match = { entity: "requisitionLines" };
  const count = async () => (await site.hospital("requisitionLines?$count=true&$top=0")).json["@odata.count"];

  test("strike before anything is written, and name the table", async () => {
    await site.faults(
      { kind: "lock", times: 1, match },
      { kind: "deadlock", times: 2, match },
      { kind: "throttle", times: 1, match: { ...match, method: "DELETE" } },
    );
    const locked = await create();
    expect([locked.status, locked.json.error.message]).toEqual([
      500,
      expect.stringContaining("in the Requisition Line"),
    ]);
    const victim = await create();
    expect(victim.json.error.message).toContain("modifying the Requisition Line table");
    expect([await count(), (await create()).status]).toEqual([0, 201]);
  });

  test("strike after the commit, and leave the line", async () => {
    await site.faults({ kind: "commitThenDrop", times: 1, match }, { kind: "notFoundAfterWrite", times: 1, match });
    await expect(create()).rejects.toThrow();
    expect(await site.ledger()).toMatchObject([
      { company: cronus.name, entity: "requisitionLines", kind: "insert", idempotencyKey: "key-1" },
    ]);
  });
});
