// Faults: every kind is seen firing, on the requests it matches, as often as asked, and with the state it promises.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createFaults, type FaultInput, type RequestFacts } from "../../../doubles/nav/faults.ts";
import { basic, cronus, pageNamespace, type Site, startSite } from "./site.ts";

let site: Site;
let nowMs = Date.parse("2026-11-20T08:00:00Z");
beforeAll(async () => {
  site = await startSite({ nowMs: () => nowMs });
});
afterAll(() => site.close());
beforeEach(() => site.admin("reset", { method: "POST" }));

async function change(body: object = { city: "Changed" }) {
  const { id, "@odata.etag": etag } = await site.patient("PAT00001");
  return () => site.hospital(`patients(${id})`, { method: "PATCH", body, headers: { "if-match": etag! } });
}
const city = async () => (await site.patient("PAT00001")).city;

describe("before the commit", () => {
  const answered: [fault: FaultInput, status: number, text: string, retryAfter: string | null][] = [
    [{ kind: "throttle", times: 1 }, 429, "Too many requests reached. Actual (101). Maximum (100).", null],
    [{ kind: "throttle", times: 1, retryAfterSeconds: 7 }, 429, "Too many requests", "7"],
    [{ kind: "unavailable", times: 1 }, 503, "temporarily unavailable", "1"],
    [{ kind: "unavailable", times: 1, retryAfterSeconds: 0 }, 503, "temporarily unavailable", "0"],
    [{ kind: "html", times: 1 }, 502, "<title>502 Bad Gateway</title>", null],
    [{ kind: "html", times: 1, status: 401 }, 401, "<title>401 Unauthorized</title>", null],
    [{ kind: "unauthorized", times: 1 }, 401, "Authentication_InvalidCredentials", null],
    [{ kind: "lock", times: 1 }, 500, "locked by another user", null],
    [{ kind: "callbackNotAllowed", times: 1 }, 400, "client callback to show a confirmation dialog box", null],
    [{ kind: "deadlock", times: 1 }, 500, "deadlocked with another user modifying the HC Patient table", null],
  ];
  test.each(answered)("%o answers %i and nothing is written", async (fault, status, text, retryAfter) => {
    const write = await change();
    await site.faults(fault);
    const answer = await write();
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, retryAfter]);
    expect(answer.text).toContain(text);
    expect(await site.ledger()).toEqual([]);
    expect((await write()).status).toBe(200);
  });

  test("lock answers 409 where the switch says so", async () => {
    await site.admin("switches", { method: "PUT", body: { lockStatus: 409 } });
    const write = await change();
    await site.faults({ kind: "lock", times: 1 });
    const answer = await write();
    expect([answer.status, answer.json.error.code]).toEqual([409, "Internal_ServerError"]);
  });

  test("dropBeforeCommit cuts the connection and nothing is written", async () => {
    const write = await change();
    await site.faults({ kind: "dropBeforeCommit", times: 1 });
    await expect(write()).rejects.toThrow();
    expect(await site.ledger()).toEqual([]);
  });

  test("staleEtag makes a fresh token stale, and the next fresh one works", async () => {
    const write = await change();
    await site.faults({ kind: "staleEtag", times: 1 });
    expect((await write()).json.error.code).toBe("Request_EntityChanged");
    expect((await (await change())()).status).toBe(200);
    expect(await site.ledger()).toHaveLength(1);
  });

  test("slow answers late, but answers", async () => {
    await site.faults({ kind: "slow", times: 1, ms: 40 });
    const startedAt = performance.now();
    expect((await site.hospital("patients?$top=1")).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(38);
  });

  test("restart resets connections, then is unavailable, then refuses credentials, then works", async () => {
    await site.faults({ kind: "restart", times: 1, durationMs: 1000 });
    const ask = () => site.hospital("patients?$top=1");
    await expect(ask()).rejects.toThrow();
    nowMs += 400;
    await expect(ask()).rejects.toThrow();
    nowMs += 200;
    expect((await ask()).status).toBe(503);
    nowMs += 200;
    expect((await ask()).status).toBe(401);
    nowMs += 200;
    expect((await ask()).status).toBe(200);
  });
});

describe("after the commit", () => {
  test("commitThenDrop cuts the connection and everything is written", async () => {
    const write = await change({ city: "Kept", externalReference: "wb-1" });
    await site.faults({ kind: "commitThenDrop", times: 1 });
    await expect(write()).rejects.toThrow();
    expect(await city()).toBe("Kept");
    expect(await site.ledger()).toMatchObject([{ idempotencyKey: "wb-1" }]);
    expect((await site.hospital("integrationKeys?$filter=key eq 'wb-1'")).json.value).toHaveLength(1);
  });

  test.each([
    [500, "Internal_ServerError"],
    [400, "Internal_ServerError"],
    [504, "<title>504 Gateway Timeout</title>"],
  ])("commitThenError answers %i and everything is written", async (status, text) => {
    const write = await change();
    await site.faults({ kind: "commitThenError", status, times: 1 });
    const answer = await write();
    expect([answer.status, answer.text.includes(text)]).toEqual([status, true]);
    expect(await city()).toBe("Changed");
  });

  test("commitThenSlow has written everything before a caller that gave up would have been answered", async () => {
    const { id } = await site.patient("PAT00001");
    await site.faults({ kind: "commitThenSlow", ms: 150, times: 1 });
    const url = site.url(`/BC/api/lockgate/integration/v1.0/companies(${cronus.id})/patients(${id})`);
    const headers = { authorization: basic, "content-type": "application/json", "if-match": "*" };
    const patience = AbortSignal.timeout(40);
    await expect(fetch(url, { method: "PATCH", body: '{"city":"Kept"}', headers, signal: patience })).rejects.toThrow();
    expect(await city()).toBe("Kept");
  });

  test("truncatedBody promises a whole body and sends half", async () => {
    await site.faults({ kind: "truncatedBody", times: 1 });
    await expect(site.hospital("patients")).rejects.toThrow();
  });

  test("notFoundAfterWrite hides an inserted record and its key until its time is over", async () => {
    await site.faults({ kind: "notFoundAfterWrite", times: 1, durationMs: 500 });
    const created = await site.hospital("patients", {
      method: "POST",
      body: { mrn: "RX90", externalReference: "wb-2" },
    });
    expect(created.status).toBe(201);
    const seen = async () => [
      (await site.hospital("patients?$filter=mrn eq 'RX90'")).json.value.length,
      (await site.hospital("integrationKeys?$filter=key eq 'wb-2'")).json.value.length,
      (await site.hospital(`patients(${created.json.id})`)).status,
    ];
    expect(await seen()).toEqual([0, 0, 404]);
    nowMs += 501;
    expect(await seen()).toEqual([1, 1, 200]);
  });

  test("staleRead shows the record as it was before until its time is over", async () => {
    const before = await city();
    const write = await change();
    await site.faults({ kind: "staleRead", times: 1, durationMs: 500 });
    expect((await write()).json.city).toBe("Changed");
    expect(await city()).toBe(before);
    nowMs += 501;
    expect(await city()).toBe("Changed");
  });
});

describe("which requests", () => {
  test("only those that match by method, entity, surface and company", async () => {
    await site.faults({ kind: "throttle", times: 9, match: { method: "PATCH", entity: "patients", surface: "odata" } });
    expect((await site.hospital("patients?$top=1")).status).toBe(200);
    expect((await site.standard("vendors?$top=1")).status).toBe(200);
    expect((await (await change())()).status).toBe(429);
  });

  test("SOAP operations match by what they do", async () => {
    await site.faults({
      kind: "commitThenDrop",
      times: 1,
      match: { method: "POST", entity: "patients", surface: "soap" },
    });
    const page = "CRONUS%20UK%20Ltd./Page/Patients";
    const soap = (operation: string, content: string) =>
      site.soap(page, `<${operation} xmlns="${pageNamespace}">${content}</${operation}>`);
    expect((await soap("Read", "<No>PAT00001</No>")).status).toBe(200);
    await expect(soap("Create", "<Patients><MRN>RX91</MRN></Patients>")).rejects.toThrow();
    expect(await site.ledger()).toMatchObject([{ kind: "insert", key: "PAT00013" }]);
  });

  test("a SOAP Key goes stale like an ETag", async () => {
    const page = "CRONUS%20UK%20Ltd./Page/Patients";
    const read = await site.soap(page, `<Read xmlns="${pageNamespace}"><No>PAT00001</No></Read>`);
    const key = /<Key>([^<]*)</.exec(read.text)![1]!;
    await site.faults({ kind: "staleEtag", times: 1 });
    const answer = await site.soap(
      page,
      `<Update xmlns="${pageNamespace}"><Patients><Key>${key}</Key></Patients></Update>`,
    );
    expect(answer.text).toContain("Other user has modified");
  });

  test("counters show how often each was met and fired", async () => {
    await site.faults({ kind: "throttle", times: 2, match: { entity: "vendors" } });
    for (let turn = 0; turn < 3; turn += 1) await site.standard("vendors?$top=1");
    expect((await site.admin("faults")).json).toMatchObject([{ kind: "throttle", matched: 3, fired: 2 }]);
    await site.admin("faults", { method: "DELETE" });
    expect((await site.admin("faults")).json).toEqual([]);
  });

  test("chance is the same from the same seed and near what was asked", () => {
    const facts: RequestFacts = {
      method: "PATCH",
      entity: "patients",
      action: undefined,
      surface: "odata",
      company: "",
    };
    const draw = (seed: number) => {
      const faults = createFaults();
      faults.replace([{ kind: "slow", probability: 0.25, seed }]);
      return Array.from({ length: 2000 }, () => faults.fire(facts).length).join("");
    };
    expect(draw(7)).toBe(draw(7));
    expect(draw(7)).not.toBe(draw(8));
    const fired = [...draw(7)].filter((mark) => mark === "1").length;
    expect(fired).toBeGreaterThan(400);
    expect(fired).toBeLessThan(600);
  });

  const invalid: [string, unknown][] = [
    ["an unknown kind", { kind: "meteor", times: 1 }],
    ["neither times nor probability", { kind: "lock" }],
    ["a probability above one", { kind: "lock", probability: 1.5 }],
    ["an unknown setting", { kind: "lock", times: 1, colour: "red" }],
    ["an unknown match", { kind: "lock", times: 1, match: { path: "/" } }],
    ["a number", 3],
  ];
  test.each(invalid)("%s is refused with a reason", async (_promise, body) => {
    const answer = await site.admin("faults", { method: "PUT", body });
    expect([answer.status, typeof answer.json.error]).toEqual([400, "string"]);
  });
});

describe("limits", () => {
  // Of its own: an answer that a test above did not wait for still counts among the running requests.
  let limited: Site;
  beforeAll(async () => {
    limited = await startSite({ nowMs: () => nowMs });
  });
  afterAll(() => limited.close());
  beforeEach(() => limited.admin("reset", { method: "POST" }));

  test("a user over the rate gets 429 until the window has moved on", async () => {
    await limited.admin("switches", {
      method: "PUT",
      body: { rate: { requests: 2, windowMs: 1000, retryAfterSeconds: 3 } },
    });
    const ask = () => limited.hospital("patients?$top=1");
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
    const third = await ask();
    expect([third.status, third.headers.get("retry-after")]).toEqual([429, "3"]);
    expect(third.text).toContain("Actual (3). Maximum (2).");
    nowMs += 1001;
    expect((await ask()).status).toBe(200);
  });

  test("requests beyond those running wait, and beyond the queue get 429", async () => {
    await limited.admin("switches", { method: "PUT", body: { concurrency: { running: 1, queued: 1 } } });
    await limited.faults({ kind: "slow", times: 1, ms: 120 });
    const asks = [1, 2, 3].map(() => limited.hospital("patients?$top=1"));
    const statuses = (await Promise.all(asks)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 200, 429]);
  });

  test("a request that waited too long in the queue gets 503", async () => {
    await limited.admin("switches", { method: "PUT", body: { concurrency: { running: 1, queued: 5, maxWaitMs: 20 } } });
    await limited.faults({ kind: "slow", times: 1, ms: 150 });
    const asks = [1, 2].map(() => limited.hospital("patients?$top=1"));
    expect((await Promise.all(asks)).map(({ status }) => status).toSorted()).toEqual([200, 503]);
  });
});
