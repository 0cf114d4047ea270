// Retrieval by NHS number: what is shown of whom, which numbers lead where, and which requests are refused.

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seedNumbers } from "../../../doubles/pds/index.ts";
import { isNhsNumber } from "../../../doubles/pds/nhs-number.ts";
import { checkNoViolations, type Pds, startPds } from "./site.ts";

let pds: Pds;
beforeAll(async () => {
  pds = await startPds();
});
afterAll(async () => {
  await checkNoViolations(pds);
  await pds.close();
});

test("every number of the seed is a valid one of the test range", () => {
  expect(Object.values(seedNumbers).filter((number) => !(isNhsNumber(number) && number.startsWith("999")))).toEqual([]);
});

test("a record comes with its version as ETag, and the ids of the request come back", async () => {
  const requestId = randomUUID();
  const found = await pds.retrieve(seedNumbers.ordinary, { requestId, headers: { "x-correlation-id": "trail-1" } });
  expect([found.status, found.headers.get("etag"), found.json.meta.versionId]).toEqual([200, 'W/"1"', "1"]);
  expect([found.headers.get("x-request-id"), found.headers.get("x-correlation-id")]).toEqual([requestId, "trail-1"]);
  expect(found.headers.get("content-type")).toBe("application/fhir+json");
  expect(found.json).toMatchObject({ id: seedNumbers.ordinary, gender: "female", birthDate: "1984-03-29" });
});

test("of a restricted person nothing is shown that tells the whereabouts, to a user neither", async () => {
  for (const token of [pds.appToken, pds.userToken]) {
    const { json, text } = await pds.retrieve(seedNumbers.restricted, { token });
    expect(json.meta.security[0].code).toBe("R");
    expect(Object.keys(json).toSorted()).toEqual([
      "birthDate",
      "gender",
      "id",
      "identifier",
      "meta",
      "name",
      "resourceType",
    ]);
    expect(text).not.toContain("No address that anyone may see");
  }
});

test("a minimal record has neither name nor birth date nor gender", async () => {
  const { json } = await pds.retrieve(seedNumbers.minimal);
  expect(Object.keys(json).toSorted()).toEqual(["id", "identifier", "meta", "resourceType"]);
});

test.each([
  ["deceasedFormal", "2"],
  ["deceasedInformal", "1"],
] as const)("%s has a date of death with status %s", async (who, status) => {
  const { json } = await pds.retrieve(seedNumbers[who]);
  expect(json.deceasedDateTime).toMatch(/^\d{4}-\d\d-\d\dT00:00:00\+00:00$/);
  expect(json.extension[0].extension[0].valueCodeableConcept.coding[0].code).toBe(status);
});

test("a superseded number answers with the record under its new number, along several steps too", async () => {
  const first = await pds.retrieve(seedNumbers.superseded);
  expect([first.status, first.json.id]).toEqual([200, seedNumbers.superseding]);
  await pds.put({ nhsNumber: "9990007152", familyName: "Third" });
  const step = await pds.admin("POST", "supersede", { from: seedNumbers.superseding, to: "9990007152" });
  expect(step.status).toBe(200);
  expect((await pds.retrieve(seedNumbers.superseded)).json.id).toBe("9990007152");
});

describe("a request is refused", () => {
  test.each([
    ["for an invalidated number", seedNumbers.invalidated, 404, "INVALIDATED_RESOURCE"],
    ["for an unknown number", "9111231130", 404, "RESOURCE_NOT_FOUND"],
    ["for a number whose check digit is wrong", "9000000000", 400, "INVALID_RESOURCE_ID"],
    ["for a number that is too short", "999000700", 400, "INVALID_RESOURCE_ID"],
    ["for no number", "", 400, "UNSUPPORTED_SERVICE"],
  ])("%s", async (_what, number, status, code) => {
    const refused = await pds.retrieve(number);
    expect([refused.status, refused.code]).toEqual([status, code]);
  });

  test.each([
    ["without X-Request-ID", { "x-request-id": null }, 400, "MISSING_VALUE"],
    ["with X-Request-ID that is no UUID", { "x-request-id": "1234" }, 400, "INVALID_VALUE"],
  ])("%s", async (_what, headers, status, code) => {
    const refused = await pds.retrieve(seedNumbers.ordinary, { headers });
    expect([refused.status, refused.code]).toEqual([status, code]);
  });

  test.each([
    ["POST", "/Patient"],
    ["DELETE", `/Patient/${seedNumbers.ordinary}`],
  ])("that the service has no %s for", async (method, path) => {
    expect((await pds.call(method, path)).code).toBe("INVALID_METHOD");
  });
});

test("the ledger has every retrieval with number, application, request id and answer", async () => {
  const requestId = randomUUID();
  await pds.retrieve(seedNumbers.twinFirst, { requestId });
  await pds.retrieve("9111231130", { token: pds.userToken });
  const [hit, miss] = (await pds.ledger("retrieve")).slice(-2);
  expect(hit).toMatchObject({ kind: "retrieve", status: 200, code: null, requestId, nhsNumber: seedNumbers.twinFirst });
  expect(hit).toMatchObject({ client: "lockgate-demo", roleId: null, committed: false, faults: [] });
  expect(miss).toMatchObject({ status: 404, code: "RESOURCE_NOT_FOUND", roleId: "555254240100" });
});
