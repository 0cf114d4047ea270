// Writes over OData: validation, ETags, number series, idempotency keys, and what the ledger says of them.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cronus, elsewhere, type Site, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());
beforeEach(() => site.admin("reset", { method: "POST" }));

const create = (body: unknown, headers: Record<string, string> = {}) =>
  site.hospital("patients", { method: "POST", body, headers });
async function change(number: string, body: unknown, headers: Record<string, string> = {}) {
  const before = await site.patient(number);
  return site.hospital(`patients(${before.id})`, {
    method: "PATCH",
    body,
    headers: { "if-match": before["@odata.etag"]!, ...headers },
  });
}

describe("inserting a patient", () => {
  test("answers 201 with location, ETag and the stored record, numbered from the series", async () => {
    const answer = await create({ mrn: " rx77 ", lastName: "Osgood", gender: "Female", birthDate: "1980-02-29" });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      number: "PAT00013",
      mrn: "RX77",
      gender: "Female",
      birthDate: "1980-02-29",
      middleName: "",
    });
    expect(answer.headers.get("etag")).toBe(answer.json["@odata.etag"]);
    const location = answer.headers.get("location")!;
    expect(location).toContain(`/companies(${cronus.id})/patients(${answer.json.id})`);
    expect((await site.odata(new URL(location).pathname)).json.number).toBe("PAT00013");
  });

  test("answers 204 without body when no content is preferred", async () => {
    const answer = await create({ mrn: "RX78" }, { prefer: "return-no-content" });
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(answer.headers.get("preference-applied")).toBe("return-no-content");
  });

  test("leaves a gap in the series when the insert is rolled back", async () => {
    expect((await create({ mrn: "RX1000001" })).json.error.code).toBe("Internal_EntityWithSameKeyExists");
    expect((await create({ mrn: "RX79" })).json.number).toBe("PAT00014");
  });

  test("numbers and keeps each company for itself", async () => {
    const path = `/BC/api/lockgate/integration/v1.0/companies(${elsewhere.id})/patients`;
    expect((await site.odata(path, { method: "POST", body: { mrn: "RX1000001" } })).json.number).toBe("PAT00003");
    expect((await site.hospital("patients?$count=true&$top=0")).json["@odata.count"]).toBe(12);
  });
});

describe("refusals name the ERP's code and text", () => {
  const rows: [promise: string, body: unknown, status: number, code: string, text: string][] = [
    [
      "an over-long text",
      { addressLine2: "x".repeat(57) },
      400,
      "Application_StringExceededLength",
      `The length of the string is 57, but it must be less than or equal to 50 characters. Value: ${"x".repeat(57)}`,
    ],
    [
      "an unknown option",
      { gender: "Both" },
      400,
      "Application_EvaluateException",
      "'Both' is not an option. The existing options are: ,Female,Male,Other,Unknown",
    ],
    [
      "a day that does not exist",
      { birthDate: "2023-02-29" },
      400,
      "BadRequest",
      "Cannot convert the literal '2023-02-29' to the expected type 'Edm.Date'.",
    ],
    [
      "a wrong JSON type",
      { deceased: "yes" },
      400,
      "BadRequest",
      "Cannot convert the literal 'yes' to the expected type 'Edm.Boolean'.",
    ],
    [
      "an unknown property",
      { hairColour: "red" },
      400,
      "BadRequest",
      "The property 'hairColour' does not exist on type 'Microsoft.NAV.patient'.",
    ],
    [
      "a read-only field",
      { lastModifiedDateTime: "2024-01-01T00:00:00Z" },
      400,
      "BadRequest_InvalidOperation",
      "Control 'Last Modified Date Time' is read-only",
    ],
    [
      "a number entered by hand",
      { number: "P1" },
      400,
      "Application_DialogException",
      "You may not enter numbers manually. If you want to enter numbers manually, please activate Manual Nos. in No. Series PAT.",
    ],
    [
      "a customer that does not exist",
      { customerNumber: "c404" },
      400,
      "Internal_InvalidTableRelation",
      "The field Customer No. of table HC Patient contains a value (C404) that cannot be found in the related table (Customer).",
    ],
    [
      "a merge into nobody",
      { mergedIntoNumber: "PAT09999" },
      400,
      "Internal_InvalidTableRelation",
      "contains a value (PAT09999) that cannot be found in the related table (HC Patient)",
    ],
    [
      "a merge into itself",
      { mergedIntoNumber: "PAT00002" },
      400,
      "Internal_InvalidTableRelation",
      "contains a value (PAT00002)",
    ],
    [
      "an MRN another patient has",
      { mrn: "RX1000001" },
      400,
      "Internal_EntityWithSameKeyExists",
      "The record in table HC Patient already exists. Identification fields and values: MRN='RX1000001'",
    ],
    ["a body that is not JSON", "{", 400, "BadRequest", "Invalid Request Body"],
    ["a body that is no object", [1], 400, "BadRequest", "Invalid Request Body"],
  ];
  test.each(rows)("%s", async (_promise, body, status, code, text) => {
    const answer = await change("PAT00002", body);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect(answer.json.error.message).toContain(text);
    expect(answer.json.error.message).toMatch(/ {2}CorrelationId: {2}[0-9a-f-]{36}\.$/);
    expect(await site.ledger()).toEqual([]);
  });

  test("in German when German is asked for", async () => {
    const answer = await change("PAT00002", { city: "y".repeat(31) }, { "accept-language": "de-DE,de;q=0.9" });
    expect(answer.json.error.message).toContain("Die Länge der Zeichenfolge ist 31");
  });

  test("a field a customisation made mandatory", async () => {
    await site.admin("switches", { method: "PUT", body: { mandatoryFields: ["gpPracticeCode"] } });
    const answer = await create({ mrn: "RX80" });
    expect(answer.json.error.code).toBe("Application_FieldValidationException");
    expect(answer.json.error.message).toContain(
      "GP Practice Code must have a value in HC Patient: No.=PAT00013. It cannot be zero or empty.",
    );
  });

  test("deletes of patients, whatever the ETag", async () => {
    const { id } = await site.patient("PAT00001");
    const answer = await site.hospital(`patients(${id})`, { method: "DELETE", headers: { "if-match": "*" } });
    expect([answer.status, answer.json.error.code]).toEqual([405, "BadRequest_MethodNotAllowed"]);
  });

  test("PATCH of a whole collection", async () => {
    const answer = await site.hospital("patients", { method: "PATCH", body: {} });
    expect([answer.status, answer.json.error.code]).toEqual([405, "BadRequest_MethodNotAllowed"]);
  });
});

describe("modifying under an ETag", () => {
  test("answers 200 with the new record and a new ETag", async () => {
    const before = await site.patient("PAT00003");
    const answer = await change("PAT00003", { addressLine1: "1 New Row" });
    expect(answer.status).toBe(200);
    expect(answer.json.addressLine1).toBe("1 New Row");
    expect(answer.json["@odata.etag"]).not.toBe(before["@odata.etag"]);
  });

  test("gives a new ETag even when nothing changes", async () => {
    const before = await site.patient("PAT00003");
    expect((await change("PAT00003", {})).json["@odata.etag"]).not.toBe(before["@odata.etag"]);
  });

  const tokens: [string, Record<string, string>, number, string | undefined][] = [
    ["refuses a missing token", { "if-match": "" }, 400, "BadRequest_InvalidToken"],
    ["refuses a malformed token", { "if-match": '"abc"' }, 400, "BadRequest_InvalidToken"],
    ["takes any state under *", { "if-match": "*" }, 200, undefined],
  ];
  test.each(tokens)("%s", async (_promise, headers, status, code) => {
    const answer = await change("PAT00003", { city: "Elsewhere" }, headers);
    expect([answer.status, answer.json.error?.code]).toEqual([status, code]);
  });

  test.each([409, 412] as const)("refuses a stale token with %i", async (staleStatus) => {
    await site.admin("switches", { method: "PUT", body: { staleStatus } });
    const stale = (await site.patient("PAT00003"))["@odata.etag"]!;
    await change("PAT00003", { city: "Firstbury" });
    const answer = await change("PAT00003", { city: "Secondbury" }, { "if-match": stale });
    expect([answer.status, answer.json.error.code]).toEqual([staleStatus, "Request_EntityChanged"]);
    expect((await site.patient("PAT00003")).city).toBe("Firstbury");
  });

  test("lets exactly one of twenty parallel writers with the same token win", async () => {
    const { id, "@odata.etag": etag } = await site.patient("PAT00004");
    const writes = Array.from({ length: 20 }, (_unused, index) =>
      site.hospital(`patients(${id})`, {
        method: "PATCH",
        body: { addressLine2: `Flat ${index}` },
        headers: { "if-match": etag! },
      }),
    );
    const statuses = (await Promise.all(writes)).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
    expect(await site.ledger()).toHaveLength(1);
  });
});

describe("idempotency keys", () => {
  test("are recorded with the record in the transaction of the write", async () => {
    const { id } = (await change("PAT00005", { city: "Oneham", externalReference: "wb-1" })).json;
    const keys = await site.hospital("integrationKeys?$filter=key eq 'wb-1'");
    expect(keys.json.value).toMatchObject([{ key: "wb-1", tableNo: 50100, recordId: id, number: "PAT00005" }]);
  });

  test.each([400, 409] as const)(
    "refuse every later write that carries one, with %i, and undo all of it",
    async (duplicateKeyStatus) => {
      await site.admin("switches", { method: "PUT", body: { duplicateKeyStatus } });
      await change("PAT00005", { city: "Oneham", externalReference: "wb-1" });
      await change("PAT00005", { city: "Twoham", externalReference: "wb-2" });
      for (const number of ["PAT00005", "PAT00006"]) {
        const answer = await change(number, { city: "Threeham", externalReference: "wb-1" });
        expect([answer.status, answer.json.error.code]).toEqual([
          duplicateKeyStatus,
          "Internal_EntityWithSameKeyExists",
        ]);
      }
      expect((await site.patient("PAT00005")).city).toBe("Twoham");
      expect(await site.ledger()).toHaveLength(2);
    },
  );

  test("are free again when their write was rolled back", async () => {
    expect((await create({ mrn: "RX1000001", externalReference: "wb-3" })).status).toBe(400);
    expect((await site.hospital("integrationKeys?$filter=key eq 'wb-3'")).json.value).toEqual([]);
    expect((await create({ mrn: "RX82", externalReference: "wb-3" })).status).toBe(201);
  });

  test("are no use of the page itself: keys cannot be inserted by hand", async () => {
    const answer = await site.hospital("integrationKeys", { method: "POST", body: { key: "x" } });
    expect(answer.status).toBe(405);
  });
});

describe("the ledger", () => {
  test("lists only what truly changed, with the key the write carried", async () => {
    const { city } = await site.patient("PAT00006");
    await change("PAT00006", { city, postalCode: "zz9 9zz", externalReference: "wb-9" });
    expect(await site.ledger()).toMatchObject([
      { seq: 1, kind: "modify", entity: "patients", key: "PAT00006", user: "LOCKGATE", idempotencyKey: "wb-9" },
    ]);
    expect((await site.ledger())[0]!.changes).toEqual({
      postalCode: { from: "ZZ3 9PF", to: "ZZ9 9ZZ" },
      externalReference: { from: "", to: "wb-9" },
    });
  });

  test("lists every non-blank field of an insert from null", async () => {
    await create({ mrn: "RX81", deceased: false, lastName: "Quill" });
    expect((await site.ledger())[0]!.changes).toEqual({
      number: { from: null, to: "PAT00013" },
      mrn: { from: null, to: "RX81" },
      lastName: { from: null, to: "Quill" },
    });
  });
});
