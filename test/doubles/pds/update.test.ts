// Updates: who may make them, at which version, exactly once, and each rule on what they may change.

import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seedNumbers } from "../../../doubles/pds/index.ts";
import { checkNoViolations, type Pds, startPds } from "./site.ts";

let pds: Pds;
beforeAll(async () => {
  pds = await startPds();
});
beforeEach(() => pds.renew());
afterEach(() => checkNoViolations(pds));
afterAll(() => pds.close());

const { ordinary, restricted, invalidated, superseded } = seedNumbers;
const toMale = [{ op: "replace", path: "/gender", value: "male" }];
const read = async (number: string) => (await pds.retrieve(number)).json;

describe("an update", () => {
  test("answers with the record as it is afterwards, and the next read shows it", async () => {
    const { address } = await read(ordinary);
    const patches = [
      { op: "replace", path: "/address/0/id", value: address[0].id },
      { op: "replace", path: "/address/0/line/0", value: "12 Cooper Street" },
      { op: "replace", path: "/address/0/postalCode", value: "ZZ1 3QR" },
    ];
    const done = await pds.update(ordinary, 'W/"1"', patches);
    expect([done.status, done.headers.get("etag"), done.json.meta.versionId]).toEqual([200, 'W/"2"', "2"]);
    const now = await pds.retrieve(ordinary);
    expect([now.headers.get("etag"), now.json]).toEqual(['W/"2"', done.json]);
    expect(now.json.address).toEqual([
      { ...address[0], line: ["12 Cooper Street", "Harrowgate Mills", "Westmarch"], postalCode: "ZZ1 3QR" },
    ]);
    const former = { family: "Hathersage", birthdate: "eq1984-03-29", "address-postalcode": "ZZ1 3QP" };
    expect((await pds.search(former)).json.total).toBe(0);
    expect((await pds.search({ ...former, _history: "true" })).json.total).toBe(1);
  });

  test("by an application is refused", async () => {
    const refused = await pds.update(ordinary, 'W/"1"', toMale, { token: pds.appToken });
    expect([refused.status, refused.code]).toEqual([403, "INVALID_METHOD"]);
    expect((await read(ordinary)).gender).toBe("female");
  });

  const forms: [what: string, version: string | null, headers: Record<string, string>, status: number, code: string][] =
    [
      ["without If-Match", null, {}, 412, "PRECONDITION_FAILED"],
      ["with If-Match in another form", '"1"', {}, 412, "PRECONDITION_FAILED"],
      ["as XML", 'W/"1"', { "content-type": "text/xml" }, 400, "UNSUPPORTED_SERVICE"],
      ["with a request id that is no UUID", 'W/"1"', { "x-request-id": "1" }, 400, "INVALID_VALUE"],
    ];
  test.each(forms)("%s is refused", async (_what, version, headers, status, code) => {
    const refused = await pds.update(ordinary, version, toMale, { headers });
    expect([refused.status, refused.code]).toEqual([status, code]);
  });

  test.each([
    ["an unknown number", "9111231130", 404, "RESOURCE_NOT_FOUND"],
    ["an invalidated number", invalidated, 404, "INVALIDATED_RESOURCE"],
    ["a wrong number", "9000000000", 400, "INVALID_RESOURCE_ID"],
    ["a superseded number, which has no version any more", superseded, 409, "RESOURCE_VERSION_MISMATCH"],
    ["a restricted person", restricted, 403, "FORBIDDEN_UPDATE"],
  ])("of %s is refused", async (_what, number, status, code) => {
    const refused = await pds.update(number, 'W/"1"', toMale);
    expect([refused.status, refused.code]).toEqual([status, code]);
  });

  test.each([
    [409, "RESOURCE_VERSION_MISMATCH"],
    [412, "PRECONDITION_FAILED"],
  ])("at a stale version is refused with %i where the setting says so, and nothing is done", async (status, code) => {
    await pds.admin("PUT", "settings", { staleStatus: status });
    await pds.put({ nhsNumber: ordinary, familyName: "Changed", gender: "female" });
    const refused = await pds.update(ordinary, 'W/"1"', toMale);
    expect([refused.status, refused.code]).toEqual([status, code]);
    expect(await read(ordinary)).toMatchObject({ gender: "female", meta: { versionId: "2" } });
  });

  test("of two at one version, one is done", async () => {
    const both = await Promise.all(
      ["male", "unknown"].map((value) => pds.update(ordinary, 'W/"1"', [{ ...toMale[0], value }])),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect((await pds.ledger("update")).filter(({ committed }) => committed)).toHaveLength(1);
  });

  test.each([
    "",
    "no json",
    "[]",
    "{}",
    '{"patches":[]}',
    '{"patches":{}}',
    '{"patches":[1]}',
    '{"patches":[{"op":"add","path":"/gender"}]}',
  ])("with the body %j is refused as INVALID_UPDATE", async (body) => {
    const headers = { "content-type": "application/json-patch+json", "if-match": 'W/"1"' };
    const refused = await pds.call("PATCH", `/Patient/${ordinary}`, body, { token: pds.userToken, headers });
    expect([refused.status, refused.code]).toEqual([400, "INVALID_UPDATE"]);
  });
});

describe("the same X-Request-ID", () => {
  test("with the same update answers as the first time and does nothing more, also after others changed the record", async () => {
    const requestId = randomUUID();
    const first = await pds.update(ordinary, 'W/"1"', toMale, { requestId });
    expect((await pds.update(ordinary, 'W/"2"', [{ ...toMale[0], value: "unknown" }])).status).toBe(200);
    const second = await pds.update(ordinary, 'W/"1"', toMale, { requestId: requestId.toUpperCase() });
    expect([second.status, second.json, second.headers.get("etag")]).toEqual([200, first.json, 'W/"2"']);
    expect((await read(ordinary)).meta.versionId).toBe("3");
    expect((await pds.ledger("update")).map(({ committed, version }) => [committed, version])).toEqual([
      [true, "2"],
      [true, "3"],
      [false, "2"],
    ]);
  });

  test("with another update is refused", async () => {
    const requestId = randomUUID();
    await pds.update(ordinary, 'W/"1"', toMale, { requestId });
    const other = await pds.update(ordinary, 'W/"2"', [{ ...toMale[0], value: "unknown" }], { requestId });
    expect([other.status, other.code]).toEqual([400, "INVALID_UPDATE"]);
  });

  test("is free again after a refusal", async () => {
    const requestId = randomUUID();
    expect((await pds.update(ordinary, 'W/"9"', toMale, { requestId })).status).toBe(409);
    expect((await pds.update(ordinary, 'W/"1"', toMale, { requestId })).status).toBe(200);
  });
});
