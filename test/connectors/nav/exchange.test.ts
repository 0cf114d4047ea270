// The wire to NAV: bounded in time, size and connections, and honest about how far a request came.

import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import type { CallContext } from "#canonical/contracts";
import type { NavPatients } from "#connectors/nav";
import type { LockgateError } from "#kernel/errors";
import { newTrace, traceId } from "#kernel/trace";
import { type Asked, httpPeer, patientsAt, type Said, tcpPeer } from "./peer.ts";

const context = (): CallContext => ({ traceparent: newTrace() });
const id = "22222222-aaaa-4bbb-8ccc-000000000002";
const json = { "content-type": "application/json" };
const marker = "Qwertzuiop";
const values = { mrn: "M1", mrnAuthority: "RXX", familyName: marker };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function patientsOf(port: number, more: Record<string, unknown> = {}): NavPatients {
  const patients = patientsAt(port, more);
  closers.push(() => patients.close());
  return patients;
}
async function http(say: (asked: Asked) => Said, more: Record<string, unknown> = {}) {
  const peer = await httpPeer(say);
  closers.push(() => peer.close());
  return { peer, patients: patientsOf(peer.port, more) };
}
async function tcp(meet: Parameters<typeof tcpPeer>[0], more: Record<string, unknown> = {}) {
  const peer = await tcpPeer(meet);
  closers.push(() => peer.close());
  return { peer, patients: patientsOf(peer.port, more) };
}

/** Short, and long enough to connect in. */
const hasty = { timeoutMs: 400 };

/** The codes of a read and of a write. */
async function codes(patients: NavPatients): Promise<string[]> {
  const ends = [patients.read(id, context()), patients.create(values, "key-1", context())];
  const settled = await Promise.allSettled(ends);
  return settled.map((end) => (end.status === "fulfilled" ? "done" : (end.reason as LockgateError).code));
}

const record = {
  "@odata.etag": 'W/"JzIwOzE7MDA7Jw=="',
  id,
  number: "PAT1",
  mrn: "M1",
  mergedIntoNumber: "",
  externalReference: "key-1",
  lastModifiedDateTime: "2026-01-02T03:04:05.678Z",
};

describe("the wire to NAV", () => {
  test("says that nothing was sent when nobody listens", async () => {
    const { peer, patients } = await tcp(() => {});
    await peer.close();
    expect(await codes(patients)).toEqual(["ERP_UNAVAILABLE", "ERP_UNAVAILABLE"]);
  });

  test("says that a write is unknown when the connection ends after it was sent", async () => {
    const { patients } = await tcp((socket) => socket.once("data", () => socket.destroy()));
    expect(await codes(patients)).toEqual(["ERP_UNAVAILABLE", "ERP_NO_ANSWER"]);
  });

  test.each([
    ["nothing at all", ""],
    ["half a status line", "HTTP/1.1 20"],
    ["headers without a body", "HTTP/1.1 201 Created\r\ncontent-length: 20\r\n\r\n"],
  ])("gives up after its time-out when the answer is %s", async (_what, bytes) => {
    const { patients } = await tcp((socket) => socket.once("data", () => socket.write(bytes)), hasty);
    expect(await codes(patients)).toEqual(["ERP_UNAVAILABLE", "ERP_NO_ANSWER"]);
  });

  test("gives up after its time-out in all, however steadily an answer drips", async () => {
    const { patients } = await tcp((socket) => {
      socket.write("HTTP/1.1 201 Created\r\ncontent-length: 5000\r\n\r\n");
      const drip = setInterval(() => socket.write(" "), 20);
      socket.on("close", () => clearInterval(drip));
    }, hasty);
    expect(await codes(patients)).toEqual(["ERP_UNAVAILABLE", "ERP_NO_ANSWER"]);
  });

  test.each([
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["two lengths", "HTTP/1.1 201 Created\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"],
  ])("says that a write is unknown when the answer is %s", async (_what, bytes) => {
    const { patients } = await tcp((socket) => socket.once("data", () => socket.end(bytes)));
    expect(await codes(patients)).toEqual(["ERP_UNAVAILABLE", "ERP_NO_ANSWER"]);
  });

  test("takes no answer of more than sixteen megabytes", async () => {
    const body = Buffer.alloc(17 * 1024 * 1024, 0x20);
    const { patients } = await http(() => ({ status: 200, headers: json, body }));
    expect(await codes(patients)).toEqual(["ERP_BAD_ANSWER", "ERP_BAD_ANSWER"]);
  });

  const unreadable: readonly (readonly [string, Said])[] = [
    [
      "compressed though that was not asked for",
      { status: 200, headers: { ...json, "content-encoding": "gzip" }, body: gzipSync(JSON.stringify(record)) },
    ],
    ["a web page", { status: 200, headers: { "content-type": "text/html" }, body: "<html>Sign in</html>" }],
    ["cut JSON of its full length", { status: 201, headers: json, body: JSON.stringify(record).slice(0, -20) }],
    ["empty", { status: 200, headers: json, body: "" }],
    ["no record", { status: 200, headers: json, body: "[]" }],
    ["a record without id", { status: 200, headers: json, body: JSON.stringify({ ...record, id: undefined }) }],
    [
      "a record without ETag",
      { status: 200, headers: json, body: JSON.stringify({ ...record, "@odata.etag": undefined }) },
    ],
    [
      "a record without time",
      { status: 200, headers: json, body: JSON.stringify({ ...record, lastModifiedDateTime: "soon" }) },
    ],
    [
      "not UTF-8",
      { status: 200, headers: json, body: Buffer.from(JSON.stringify({ ...record, city: "Zürich" }), "latin1") },
    ],
    ["a redirection", { status: 302, headers: { location: "/elsewhere" }, body: "" }],
    ["a creation that says nothing", { status: 204 }],
  ];
  test.each(unreadable)("leaves a write ambiguous when the answer is %s", async (_what, said) => {
    const { peer, patients } = await http(() => said);
    expect(await codes(patients)).toEqual(["ERP_BAD_ANSWER", "ERP_BAD_ANSWER"]);
    expect(peer.asked).toHaveLength(2);
  });

  test("leaves a write that stands ambiguous when the look-up after it fails", async () => {
    const { patients } = await http(({ method, url }) =>
      method === "POST" && url.endsWith("/patients")
        ? { status: 201, headers: json, body: JSON.stringify({ ...record, mergedIntoNumber: "PAT9" }) }
        : { status: 503, headers: { "retry-after": "3" }, body: "" },
    );
    const work = patients.create(values, "key-1", context());
    await expect(work).rejects.toMatchObject({ code: "ERP_NO_ANSWER", reason: "ERP_UNAVAILABLE" });
  });

  test("reads a wait as seconds or as a date", async () => {
    const at = new Date(Date.now() + 60_000).toUTCString();
    const { patients } = await http(({ method }) => ({
      status: 429,
      headers: { "retry-after": method === "GET" ? "12" : at },
    }));
    await expect(patients.read(id, context())).rejects.toMatchObject({ retryAfterMs: 12_000 });
    const error = await patients.create(values, "key-1", context()).catch((thrown: unknown) => thrown as LockgateError);
    expect((error as LockgateError).retryAfterMs).toBeGreaterThan(50_000);
    expect((error as LockgateError).retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test("opens no more connections than allowed, and a call that waits for one in vain was not sent", async () => {
    const { peer, patients } = await tcp(() => {}, { timeoutMs: 1_000 });
    const ends = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => patients.create(values, `key-${index}`, context())),
    );
    const found = ends.map((end) => (end.status === "rejected" ? (end.reason as LockgateError).code : "done")).sort();
    expect(found).toEqual([...Array(4).fill("ERP_NO_ANSWER"), ...Array(6).fill("ERP_UNAVAILABLE")]);
    expect(peer.mostConnections()).toBe(4);
  });

  test("sends the trace of the journey, a span of its own, and no second request", async () => {
    const { peer, patients } = await http(() => ({ status: 200, headers: json, body: JSON.stringify(record) }));
    const { traceparent } = context();
    const patient = await patients.read(id, { traceparent });
    expect(patient).toMatchObject({
      externalId: id,
      modifiedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      idempotencyKey: "key-1",
    });
    const sent = String(peer.asked[0]?.headers.traceparent);
    expect(traceId(sent)).toBe(traceId(traceparent));
    expect(sent).not.toBe(traceparent);
    expect(peer.asked).toHaveLength(1);
  });

  test("sends what is looked for side by side in one batch, where one refused is in no other's way", async () => {
    const { peer, patients } = await http(({ body }) => {
      const { requests } = JSON.parse(body) as { requests: { id: string; url: string }[] };
      const responses = requests.map(({ id, url }) =>
        url.includes("M2")
          ? { id, status: 404, body: { error: { code: "BadRequest_NotFound", message: "" } } }
          : { id, status: 200, body: { value: [{ ...record, mrn: url }] } },
      );
      return { status: 200, headers: json, body: JSON.stringify({ responses: responses.reverse() }) };
    });
    const look = (mrn: string, more = {}) =>
      patients.findByIdentifier({ mrn, authority: "RXX" }, { ...context(), ...more }).then(
        ([found]) => /M\d/.exec(String(found?.values.mrn))?.[0],
        (error: LockgateError) => error.code,
      );
    expect(await Promise.all([look("M1"), look("M2"), look("M3")])).toEqual(["M1", "ERP_UNSUPPORTED", "M3"]);
    expect(peer.asked.map(({ headers }) => headers.prefer)).toEqual(["odata.continue-on-error"]);
    const leaving = new AbortController();
    const ends = Promise.all([look("M1"), look("M4", { signal: leaving.signal })]);
    leaving.abort();
    expect(await ends).toEqual(["M1", "ERP_UNAVAILABLE"]);
    await Promise.all(Array.from({ length: 45 }, (_, nth) => look(`M${nth + 10}`)));
    const sizes = peer.asked.slice(2).map(({ body }) => (JSON.parse(body) as { requests: unknown[] }).requests.length);
    expect(sizes.sort((a, b) => b - a)).toEqual([20, 20, 5]);
  });

  test("carries no patient's value in an address, over OData", async () => {
    const { peer, patients } = await http(({ method, url }) => {
      const page = { value: [] };
      if (url.endsWith("/$batch"))
        return {
          status: 200,
          headers: json,
          body: JSON.stringify({ responses: [{ id: "1", status: 200, body: page }] }),
        };
      return {
        status: 200,
        headers: json,
        body: JSON.stringify(method === "GET" && !url.includes("patients(") ? page : record),
      };
    });
    await patients.findByIdentifier({ mrn: "SECRETMRN", authority: "RXX" }, context());
    await patients.findByNhsNumber({ nhsNumber: "9990001234", birthDate: "1980-01-02" }, context());
    await patients.findByIdempotencyKey("key-1", context());
    const created = await patients.create(
      { ...values, nhsNumber: "9990001234", birthDate: "1980-01-02" },
      "key-2",
      context(),
    );
    await patients.update(
      created.externalId,
      created.version,
      { familyName: marker, mergedIntoId: null },
      "key-3",
      context(),
    );
    for await (const _ of patients.list(created, context()));
    expect(peer.asked.map(({ url }) => url).join("\n")).not.toMatch(
      /SECRETMRN|999.?000.?1234|1980-01-02|Qwertzuiop|RXX/,
    );
    expect(peer.asked.filter(({ body }) => body.includes("SECRETMRN"))).toHaveLength(1);
    expect(peer.asked).toHaveLength(6);
  });

  test.each(["odata", "soap"])("puts nothing the ERP says into an error, over %s", async (protocol) => {
    const message = `The field holds ${marker}, which is not allowed.`;
    const fault = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>a:x.NavNCLDialogException</faultcode><faultstring>${message}</faultstring></s:Fault></s:Body></s:Envelope>`;
    const body =
      protocol === "soap" ? fault : JSON.stringify({ error: { code: "Application_DialogException", message } });
    const { patients } = await http(() => ({ status: protocol === "soap" ? 500 : 400, headers: json, body }), {
      protocol,
    });
    const error = await patients.create(values, "key-1", context()).catch((thrown: unknown) => thrown as LockgateError);
    expect(error).toMatchObject({ code: "ERP_REFUSED" });
    const shown = JSON.stringify([error, (error as LockgateError).message, (error as LockgateError).cause ?? ""]);
    expect(shown).not.toContain(marker);
    expect(shown).toContain("DialogException");
  });

  test("sends credentials nowhere else, whatever host a next link names", async () => {
    const elsewhere = await httpPeer(() => ({ status: 200, headers: json, body: '{"value":[]}' }));
    closers.push(() => elsewhere.close());
    const path = `/BC/api/lockgate/integration/v1.0/companies(x)/patients?$skiptoken=1`;
    const { peer, patients } = await http(({ url }) => {
      const link = url.includes("skiptoken") ? {} : { "@odata.nextLink": `http://127.0.0.1:${elsewhere.port}${path}` };
      return { status: 200, headers: json, body: JSON.stringify({ value: [], ...link }) };
    });
    for await (const _ of patients.list(undefined, context()));
    expect(peer.asked.map(({ url }) => url).at(-1)).toBe(path);
    expect(elsewhere.asked).toEqual([]);
  });

  test("refuses calls after it was closed, as not sent", async () => {
    const { patients } = await http(() => ({ status: 200, headers: json, body: JSON.stringify(record) }));
    await patients.close();
    expect(await codes(patients)).toEqual(["ERP_UNAVAILABLE", "ERP_UNAVAILABLE"]);
  });
});
