// Faults and limits: each kind answers as it says, does or leaves undone what it says, and goes away again.

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FaultInput, seedNumbers } from "../../../doubles/pds/index.ts";
import { assertionFor, type Pds, startPds } from "./site.ts";

let pds: Pds;
let nowMs = Date.parse("2026-11-20T10:00:00Z");
beforeAll(async () => {
  pds = await startPds({ nowMs: () => nowMs });
});
beforeEach(() => pds.renew());
afterAll(() => pds.close());

const { ordinary, superseding } = seedNumbers;
const toMale = [{ op: "replace", path: "/gender", value: "male" }];
const update = (requestId: string = randomUUID(), version = 'W/"1"') =>
  pds.update(ordinary, version, toMale, { requestId });
const versionNow = async () => (await pds.admin("GET", `patients/${ordinary}`)).json.version;

describe("nothing is done, and the next call works:", () => {
  const answered: [fault: FaultInput, status: number, code: string | undefined, retryAfter: string | null][] = [
    [{ kind: "throttle", times: 1 }, 429, "TOO_MANY_REQUESTS", null],
    [{ kind: "throttle", times: 1, retryAfterSeconds: 2 }, 429, "TOO_MANY_REQUESTS", "2"],
    [{ kind: "unavailable", times: 1 }, 503, "SERVICE_UNAVAILABLE", "1"],
    [{ kind: "unavailable", times: 1, retryAfterSeconds: 5 }, 503, "SERVICE_UNAVAILABLE", "5"],
    [{ kind: "unableToCall", times: 1 }, 408, "UNABLE_TO_CALL_SERVICE", null],
    [{ kind: "outcome200", times: 1 }, 200, "UNABLE_TO_CALL_SERVICE", null],
    [{ kind: "html", times: 1 }, 502, undefined, null],
    [{ kind: "html", times: 1, status: 200 }, 200, undefined, null],
  ];
  test.each(answered)("%o answers %i %s to read and update alike", async (fault, status, code, retryAfter) => {
    for (const ask of [
      () => update(),
      () => pds.retrieve(ordinary),
      () => pds.search({ family: "No", birthdate: "eq1984-03-29" }),
    ]) {
      await pds.faults(fault);
      const answer = await ask();
      expect([answer.status, answer.code, answer.headers.get("retry-after")]).toEqual([status, code, retryAfter]);
      expect(answer.headers.get("content-type")).toBe(fault.kind === "html" ? "text/html" : "application/fhir+json");
    }
    expect(await versionNow()).toBe("1");
    expect((await update()).status).toBe(200);
  });

  test("dropBeforeCommit cuts the connection", async () => {
    await pds.faults({ kind: "dropBeforeCommit", times: 1 });
    await expect(update()).rejects.toThrow();
    expect(await versionNow()).toBe("1");
    expect(await pds.ledger("update")).toMatchObject([{ status: 0, committed: false, faults: ["dropBeforeCommit"] }]);
    expect((await update()).status).toBe(200);
  });
});

describe("the update is done, and the same X-Request-ID finds it:", () => {
  const requestId = randomUUID();
  const again = async () => {
    const answer = await update(requestId);
    expect([answer.status, answer.headers.get("etag")]).toEqual([200, 'W/"2"']);
    const entries = (await pds.ledger("update")).map(({ committed, version }) => [committed, version]);
    expect(entries).toEqual([
      [true, "2"],
      [false, "2"],
    ]);
  };

  test("commitThen503 answers 503 with Retry-After", async () => {
    await pds.faults({ kind: "commitThen503", times: 1, retryAfterSeconds: 3 });
    const answer = await update(requestId);
    expect([answer.status, answer.code, answer.headers.get("retry-after")]).toEqual([503, "SERVICE_UNAVAILABLE", "3"]);
    expect(await versionNow()).toBe("2");
    await again();
  });

  test("without that id the second try is a conflict", async () => {
    await pds.faults({ kind: "commitThen503", times: 1 });
    await update();
    expect((await update()).status).toBe(409);
  });

  test.each(["dropAfterCommit", "truncatedBody"] as const)("%s leaves the caller without an answer", async (kind) => {
    await pds.faults({ kind, times: 1 });
    await expect(update(requestId)).rejects.toThrow();
    expect(await versionNow()).toBe("2");
    await again();
  });

  test("commitThen503 leaves a refusal as it is", async () => {
    await pds.faults({ kind: "commitThen503", times: 1 });
    expect((await update(randomUUID(), 'W/"7"')).status).toBe(409);
  });
});

test("truncatedBody promises more of a read than it sends", async () => {
  await pds.faults({ kind: "truncatedBody", times: 1, match: { operation: "retrieve" } });
  await expect(pds.retrieve(ordinary)).rejects.toThrow();
  expect((await pds.retrieve(ordinary)).status).toBe(200);
});

test("conflict is another user's update just before, so that a fresh version is stale", async () => {
  await pds.faults({ kind: "conflict", times: 1 });
  expect((await update()).code).toBe("RESOURCE_VERSION_MISMATCH");
  expect(await versionNow()).toBe("2");
  expect((await update(randomUUID(), 'W/"2"')).status).toBe(200);
});

test("superseded makes the number lead elsewhere just before the call, to a number named or to a new one", async () => {
  await pds.faults({ kind: "superseded", times: 1, to: superseding });
  expect((await pds.retrieve(ordinary)).json.id).toBe(superseding);
  await pds.renew();
  await pds.faults({ kind: "superseded", times: 1 });
  const { json } = await pds.retrieve(ordinary);
  expect(json).toMatchObject({ id: expect.stringMatching(/^999\d{7}$/), birthDate: "1984-03-29" });
  expect(json.id).not.toBe(ordinary);
  expect(json.identifier[0].value).toBe(json.id);
  expect((await update()).status).toBe(409);
});

test("invalidated withdraws the record just before the call", async () => {
  await pds.faults({ kind: "invalidated", times: 1, match: { operation: "update" } });
  expect((await pds.retrieve(ordinary)).status).toBe(200);
  expect((await update()).code).toBe("INVALIDATED_RESOURCE");
  expect((await pds.retrieve(ordinary)).code).toBe("INVALIDATED_RESOURCE");
});

describe("down", () => {
  test("resets every connection until it is switched off, while admin goes on", async () => {
    await pds.faults({ kind: "down" });
    const asks = [
      () => pds.retrieve(ordinary),
      () => update(),
      () => pds.token(assertionFor(`${pds.origin}/oauth2/token`)),
      () => pds.call("GET", "/Elsewhere"),
    ];
    for (const ask of asks) await expect(ask()).rejects.toThrow();
    nowMs += 3_599_999;
    await expect(pds.retrieve(ordinary)).rejects.toThrow();
    expect((await pds.admin("DELETE", "faults")).status).toBe(200);
    expect((await pds.retrieve(ordinary, { token: await pds.signInApp() })).status).toBe(200);
  });

  test("ends by itself", async () => {
    await pds.faults({ kind: "down", durationMs: 500 });
    await expect(pds.retrieve(ordinary)).rejects.toThrow();
    nowMs += 500;
    expect((await pds.retrieve(ordinary)).status).toBe(200);
  });
});

test("slow answers late, but answers", async () => {
  await pds.faults({ kind: "slow", times: 1, delayMs: 40 });
  const startedAt = performance.now();
  expect((await pds.retrieve(ordinary)).status).toBe(200);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(38);
});

test("tokenRefused refuses a right assertion", async () => {
  await pds.faults({ kind: "tokenRefused", times: 1 });
  const assertion = assertionFor(`${pds.origin}/oauth2/token`, {}, {}, nowMs);
  const refused = await pds.token(assertion);
  expect([refused.status, refused.json.error]).toEqual([401, "invalid_client"]);
  expect((await pds.token(assertion)).status).toBe(200);
});

test("tokenExpired ends the token for good, and a new one works", async () => {
  await pds.faults({ kind: "tokenExpired", times: 1 });
  for (const _ of [1, 2]) expect((await pds.retrieve(ordinary)).code).toBe("ACCESS_DENIED");
  expect((await pds.retrieve(ordinary, { token: await pds.signInApp() })).status).toBe(200);
});

describe("a fault", () => {
  const statuses = async (count: number, number: string = ordinary) => {
    const all: number[] = [];
    for (let call = 0; call < count; call += 1) all.push((await pds.retrieve(number)).status);
    return all;
  };
  test("fires as often as it says, on each so many calls", async () => {
    await pds.faults({ kind: "unavailable", times: 2, every: 2 });
    expect(await statuses(6)).toEqual([200, 503, 200, 503, 200, 200]);
    expect((await pds.admin("GET", "faults")).json).toMatchObject([{ matched: 6, fired: 2 }]);
  });
  test("without a number of times fires until it is taken away", async () => {
    await pds.faults({ kind: "unavailable" });
    expect(await statuses(3)).toEqual([503, 503, 503]);
    await pds.faults();
    expect(await statuses(1)).toEqual([200]);
  });
  test("passes over what it does not match", async () => {
    await pds.faults({
      kind: "unavailable",
      match: { nhsNumber: superseding, operation: "retrieve", client: "lockgate-demo" },
    });
    expect([await statuses(1), await statuses(1, superseding), (await update()).status]).toEqual([[200], [503], 200]);
  });
  test("strikes the token endpoint only when told to", async () => {
    const token = () => pds.token(assertionFor(`${pds.origin}/oauth2/token`, {}, {}, nowMs));
    await pds.faults({ kind: "unavailable" });
    expect((await token()).status).toBe(200);
    await pds.faults({ kind: "html", match: { operation: "token" } });
    expect((await token()).status).toBe(502);
  });
  test.each([{ kind: "unheard" }, { kind: "slow", delay: 1 }, { kind: "slow", times: 0 }])(
    "%o is refused",
    async (fault) => {
      expect((await pds.admin("PUT", "faults", [fault])).status).toBe(400);
    },
  );
});

describe("the limit of calls a second", () => {
  test("is for each application by itself, and lets calls in again a second later", async () => {
    await pds.admin("PUT", "settings", { callsPerSecond: 5 });
    const other = (await pds.admin("POST", "users", { apiKey: "other", roleId: "1", organisation: "ZZ1" })).json;
    const ask = async (token: string) => (await pds.retrieve(ordinary, { token })).status;
    for (let call = 0; call < 5; call += 1) expect(await ask(call % 2 ? pds.appToken : pds.userToken)).toBe(200);
    const refused = await pds.retrieve(ordinary);
    expect([refused.status, refused.code, refused.headers.get("retry-after")]).toEqual([
      429,
      "TOO_MANY_REQUESTS",
      null,
    ]);
    expect(await ask(other.accessToken)).toBe(200);
    nowMs += 1000;
    expect(await ask(pds.appToken)).toBe(200);
  });
  test("names a wait where the setting says so, and is off at first", async () => {
    expect((await pds.admin("GET", "settings")).json.callsPerSecond).toBeNull();
    await pds.admin("PUT", "settings", { callsPerSecond: 1, throttleRetryAfterSeconds: 1 });
    await pds.retrieve(ordinary);
    expect((await pds.retrieve(ordinary)).headers.get("retry-after")).toBe("1");
  });
});
