// Retrieval by number over the wire: what is sent, what each answer means, and how far a request came.

import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import type { PdsDemographics } from "#connectors/pds";
import type { Queryable } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { readGauge } from "#kernel/telemetry";
import { traceId } from "#kernel/trace";
import { closedVault } from "#kernel/vault";
import { until } from "../../until.ts";
import { type Asked, httpPeer, type Said, tcpPeer } from "../nav/peer.ts";
import {
  asJson,
  context,
  found,
  nhsNumber,
  otherNumber,
  outcome,
  patient,
  pdsAt,
  pdsPeer,
  requestId,
  restrictedMeta,
  told,
  user,
  version,
} from "./peer.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const kept = (pds: PdsDemographics): PdsDemographics => {
  closers.push(() => pds.close());
  return pds;
};
async function peerThat(say: (asked: Asked) => Said, more: Record<string, unknown> = {}) {
  const peer = await pdsPeer(say);
  closers.push(() => peer.close());
  return { peer, pds: kept(pdsAt(peer.port, more)) };
}
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (thrown: LockgateError) => `${thrown.code} ${thrown.reason ?? ""}`.trim(),
  );
/** Short, and long enough to connect in. */
const hasty = { timeoutMs: 400 };

describe("a retrieval", () => {
  test("gives the record, and asks for it by number alone", async () => {
    const { peer, pds } = await peerThat(() => found());
    const asking = context();
    expect(await pds.retrieve(nhsNumber, requestId, asking)).toEqual({
      outcome: "found",
      record: { nhsNumber, version, restricted: false, fields: told },
    });
    const [asked] = peer.calls();
    expect([asked?.method, asked?.url]).toEqual(["GET", `/FHIR/R4/Patient/${nhsNumber}`]);
    const correlation = String(asked?.headers["x-correlation-id"]);
    expect(correlation).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(correlation.replaceAll("-", "")).toBe(traceId(asking.traceparent));
    expect(traceId(String(asked?.headers.traceparent))).toBe(traceId(asking.traceparent));
    expect(asked?.headers).toMatchObject({
      authorization: "Bearer token-1",
      accept: "application/fhir+json",
      "x-request-id": requestId,
    });
    expect(Object.keys(asked?.headers ?? {}).filter((name) => /^(nhsd|tracestate|if-match)/.test(name))).toEqual([]);
  });

  test("under a replaced number says which number it was", async () => {
    const { pds } = await peerThat(() => found({ ...patient, id: otherNumber }));
    const answer = await pds.retrieve(nhsNumber, requestId, context());
    expect(answer).toMatchObject({ outcome: "found", supersedes: nhsNumber, record: { nhsNumber: otherNumber } });
  });

  test("of a restricted record tells nothing of where the person is, even if it was sent", async () => {
    const { pds } = await peerThat(() => found({ ...patient, meta: restrictedMeta }));
    const answer = await pds.retrieve(nhsNumber, requestId, context());
    expect(answer).toMatchObject({ outcome: "found", record: { restricted: true } });
    const said = JSON.stringify(answer);
    for (const secret of ["Trevelyan", "Leeds", "LS1", "7700", "example.com", "A12345"])
      expect(said).not.toContain(secret);
  });

  test.each([
    ["none", outcome(404, "RESOURCE_NOT_FOUND")],
    ["invalidated", outcome(404, "INVALIDATED_RESOURCE")],
    ["invalidated", found({ ...patient, meta: { versionId: "4", security: [{ code: "REDACTED" }] } })],
  ])("answers %s where the service says so: %#", async (expected, said) => {
    const { pds } = await peerThat(() => said);
    expect(await pds.retrieve(nhsNumber, requestId, context())).toEqual({ outcome: expected });
  });

  test.each<[string, Said]>([
    ["no JSON", { status: 200, body: "<html>" }],
    ["JSON that breaks off", { status: 200, body: JSON.stringify(patient).slice(0, 300) }],
    ["bytes that are no UTF-8", { status: 200, body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) }],
    ["more than any record", { status: 200, body: `{"resourceType":"Patient","x":"${"x".repeat(2 ** 21)}"}` }],
    [
      "compressed bytes that nobody asked for",
      { status: 200, headers: { "content-encoding": "gzip" }, body: gzipSync("{}") },
    ],
    ["an empty body", { status: 200, body: "" }],
    ["a list", asJson(200, [patient])],
    ["another resource", found({ ...patient, resourceType: "Practitioner" })],
    ["a search result", found({ resourceType: "Bundle", total: 1, entry: [{ resource: patient }] })],
    ["an id that is no NHS number", found({ ...patient, id: "../Patient" })],
    ["no version", asJson(200, { ...patient, meta: {} })],
    ["the answer to another request", found(patient, { etag: version, "x-request-id": requestId.replace("0", "1") })],
    ["a page of a wrong address", { status: 404, body: "<html>" }],
    ["a redirection", { status: 302, headers: { location: "/elsewhere" } }],
  ])("refuses to read %s", async (_what, said) => {
    const { peer, pds } = await peerThat(() => said);
    expect(await codeOf(pds.retrieve(nhsNumber, requestId, context()))).toMatch(/^NATIONAL_BAD_ANSWER/);
    expect(peer.calls()).toHaveLength(1);
  });

  test.each([
    ["9990000019", requestId],
    ["999 000 0018", requestId],
    ["../9990000018", requestId],
    ["", requestId],
    [nhsNumber, "1"],
  ])("sends nothing for a number or an id that cannot be right: %#", async (number, id) => {
    const { peer, pds } = await peerThat(() => found());
    expect(await codeOf(pds.retrieve(number, id, context()))).toMatch(/^NATIONAL_REFUSED/);
    expect(peer.asked).toEqual([]);
  });

  test("tells the wait that the service names, in seconds or as a date", async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const waits = await Promise.all(
      ["7", date, "soon"].map(async (after) => {
        const { pds } = await peerThat(() => outcome(429, "TOO_MANY_REQUESTS", { "retry-after": after }));
        return pds.retrieve(nhsNumber, requestId, context()).catch((thrown: LockgateError) => thrown.retryAfterMs);
      }),
    );
    expect(waits[0]).toBe(7_000);
    expect(Number(waits[1])).toBeGreaterThan(3_000_000);
    expect(waits[2]).toBeUndefined();
  });
});

describe("the breaker before PDS", () => {
  const heldBack = "NATIONAL_UNAVAILABLE breaker";
  const breakers = async () => (await readGauge("lockgate.breaker.open")).map(({ value }) => value);

  test("holds calls back after five in a row without an answer, is told as open, and closes once one goes through", async () => {
    let isWell = false;
    const { peer, pds } = await peerThat(() => (isWell ? found() : { status: 503, headers: {}, body: "" }));
    const ask = () => codeOf(pds.retrieve(nhsNumber, requestId, context()));
    for (let nth = 0; nth < 5; nth += 1) expect(await ask()).toBe("NATIONAL_UNAVAILABLE HTTP 503");
    const before = peer.asked.length;
    expect(await ask()).toBe(heldBack);
    expect(peer.asked).toHaveLength(before);
    expect(await breakers()).toContain(1);
    isWell = true;
    await until(async () => (await ask()) === "done");
    expect(await breakers()).not.toContain(1);
  });

  test("counts no refusal, nor a call that its caller gave up", async () => {
    const { pds } = await peerThat(() => outcome(403, "ACCESS_DENIED"));
    for (let nth = 0; nth < 7; nth += 1) {
      expect(await codeOf(pds.retrieve(nhsNumber, requestId, context()))).toMatch(/^NATIONAL_UNAUTHORISED/);
      expect(await codeOf(pds.retrieve(nhsNumber, requestId, context(AbortSignal.abort())))).not.toBe(heldBack);
    }
  });
});

describe("the wire to PDS", () => {
  test("says that a read had no effect, however it was lost", async () => {
    const silent = await peerThat(() => undefined, hasty);
    expect(await codeOf(silent.pds.retrieve(nhsNumber, requestId, context()))).toBe("NATIONAL_UNAVAILABLE TIMED_OUT");
    const dying = await tcpPeer((socket) => socket.destroy());
    closers.push(() => dying.close());
    const lost = kept(pdsAt(dying.port));
    expect(await codeOf(lost.retrieve(nhsNumber, requestId, context()))).toMatch(/^NATIONAL_UNAVAILABLE/);
  });

  test("tells an update that was never sent from one that may have been", async () => {
    const { peer, pds } = await peerThat(({ method }) => (method === "GET" ? found() : undefined), hasty);
    const record = { nhsNumber, version };
    const change = () => pds.update(record, { gender: "male" }, user, requestId, context());
    expect(await codeOf(change())).toBe("NATIONAL_NO_ANSWER TIMED_OUT");
    await peer.close();
    expect(await codeOf(change())).toMatch(/^NATIONAL_UNAVAILABLE/);
  });

  test("ends a call that is given up, before and after it was sent", async () => {
    const { peer, pds } = await peerThat(() => undefined);
    expect(await codeOf(pds.retrieve(nhsNumber, requestId, context(AbortSignal.abort())))).toBe(
      "NATIONAL_UNAVAILABLE ABORTED",
    );
    const leave = new AbortController();
    const call = pds.retrieve(nhsNumber, requestId, context(leave.signal));
    await expect.poll(() => peer.calls().length).toBe(1);
    leave.abort();
    expect(await codeOf(call)).toBe("NATIONAL_UNAVAILABLE ABORTED");
  });

  test("uses connections again", async () => {
    const body = JSON.stringify({ ...patient, access_token: "token", expires_in: 599 });
    const answer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const peer = await tcpPeer((socket) => socket.on("data", () => socket.write(answer)));
    closers.push(() => peer.close());
    const pds = kept(pdsAt(peer.port));
    for (let index = 0; index < 10; index += 1) await pds.retrieve(nhsNumber, requestId, context());
    // One for tokens; two for records, as the next call may come before the first connection knows that it is free.
    expect(peer.mostConnections()).toBeLessThanOrEqual(3);
  });

  test("once closed refuses calls as not sent", async () => {
    const { pds } = await peerThat(() => found());
    await pds.close();
    expect(await codeOf(pds.retrieve(nhsNumber, requestId, context()))).toMatch(/^NATIONAL_UNAVAILABLE/);
  });
});

describe("the limit of calls", () => {
  const limited = async (db: Queryable) => {
    const peer = await pdsPeer(() => found());
    closers.push(() => peer.close());
    return { peer, pds: kept(pdsAt(peer.port, { callsPerSecond: 5 }, { db })) };
  };

  test("turns a call away unsent, with a wait, when the next turn is too far", async () => {
    const { peer, pds } = await limited({
      vault: closedVault,
      query: async <Row>() => [{ granted: 0, dueMs: 9_000, nowMs: 1_000 }] as Row[],
    });
    const call = pds.retrieve(nhsNumber, requestId, context());
    await expect(call).rejects.toMatchObject({ code: "NATIONAL_THROTTLED", reason: "OWN_LIMIT", retryAfterMs: 8_000 });
    expect(peer.calls()).toEqual([]);
  });

  test("holds every request back while it cannot be asked", async () => {
    const { peer, pds } = await limited({
      vault: closedVault,
      query: () => Promise.reject(new LockgateError("DATABASE_UNAVAILABLE")),
    });
    expect(await codeOf(pds.retrieve(nhsNumber, requestId, context()))).toBe("DATABASE_UNAVAILABLE");
    expect(peer.calls()).toEqual([]);
  });

  test("counts both requests of an update", async () => {
    const asked: unknown[] = [];
    const { pds } = await limited({
      vault: closedVault,
      query: async <Row>() => {
        asked.push("turn");
        return [{ granted: 1, dueMs: 0, nowMs: 0 }] as Row[];
      },
    });
    await pds.update({ nhsNumber, version }, { gender: "male" }, user, requestId, context());
    expect(asked).toHaveLength(2);
  });
});

test("no value of a person comes into an error, whatever the service answers and to whatever was asked", async () => {
  const marker = "Qwertzuiop";
  const spoken = { diagnostics: marker, details: { text: marker, coding: [{ code: marker, display: marker }] } };
  const answers: Said[] = [
    ...[200, 400, 403, 404, 409, 412, 429, 500, 503].map((status) =>
      asJson(status, { resourceType: "OperationOutcome", issue: [spoken] }),
    ),
    { status: 200, body: `{"name":"${marker}` },
    found({ ...patient, id: marker }),
    { status: 302, headers: { location: `/${marker}` } },
    { status: 200, headers: { "content-length": "5", [marker]: marker }, body: `${marker}` },
  ];
  const peer = await httpPeer(({ url }) =>
    url === "/oauth2/token" ? asJson(200, { access_token: marker, expires_in: 599 }) : answers[0],
  );
  closers.push(() => peer.close());
  const pds = kept(pdsAt(peer.port));
  const query = { familyName: marker, givenName: marker, birthDate: "1980-05-17", postcode: "LS1 6AE" };
  const said: unknown[] = [];
  for (; answers.length > 0; answers.shift()) {
    const ends = await Promise.allSettled([
      pds.retrieve(nhsNumber, requestId, context()),
      pds.trace(query, requestId, context()),
      pds.update({ nhsNumber, version }, { familyName: marker }, user, requestId, context()),
    ]);
    for (const end of ends) if (end.status === "rejected") said.push(end.reason);
  }
  const refusedQuery = { ...query, familyName: `${marker}*`, birthDate: marker };
  said.push(await pds.trace(refusedQuery, requestId, context()).catch((thrown: unknown) => thrown));
  expect(said.length).toBeGreaterThan(20);
  for (const error of said as LockgateError[]) {
    expect(error).toBeInstanceOf(LockgateError);
    const all = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    for (const value of [marker, nhsNumber, "1980-05-17", "LS1"]) expect(all).not.toContain(value);
  }
});
