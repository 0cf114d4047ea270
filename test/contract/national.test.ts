// What the port of the national service promises, kept by the PDS connector against the double with its faults on.

import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CallContext, NationalAnswer, NationalQuery, NationalRecord, NationalUser } from "#canonical/contracts";
import type { PersonChanges } from "#canonical/model";
import { type PdsDemographics, pdsDemographics, pdsSettings } from "#connectors/pds";
import { systemClock } from "#kernel/clock";
import type { LockgateError } from "#kernel/errors";
import { openLog } from "#kernel/log";
import { newTrace } from "#kernel/trace";
import {
  demoClient,
  demoUser,
  type FaultInput,
  type LedgerEntry,
  type PdsDouble,
  seedNumbers,
  startPdsDouble,
} from "../../doubles/pds/index.ts";
import { privateKey, publicKey } from "../connectors/pds/peer.ts";
import { type TestDatabase, testDatabase } from "../database.ts";

let database: TestDatabase;
let double: PdsDouble;
let pds: PdsDemographics;
let user: NationalUser;

beforeAll(async () => {
  database = await testDatabase();
  double = await startPdsDouble({ clients: [{ ...demoClient, publicKeyPem: publicKey }] });
  pds = open();
});
afterAll(async () => {
  await pds?.close();
  await double?.close();
  await database?.drop();
});
beforeEach(async () => {
  await admin("POST", "reset");
  user = await signedIn();
});
afterEach(() => admin("DELETE", "faults"));

const admin = async (method: string, path: string, body?: unknown): Promise<Response> => {
  const answer = await fetch(`http://127.0.0.1:${double.port}/admin/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`admin ${path}: ${answer.status}`);
  return answer;
};
function open(more: Record<string, unknown> = {}): PdsDemographics {
  const origin = `http://127.0.0.1:${double.port}`;
  const settings = pdsSettings.parse({
    ...demoClient,
    name: `pds-${randomUUID()}`,
    baseUrl: `${origin}/personal-demographics/FHIR/R4`,
    tokenUrl: `${origin}/oauth2/token`,
    privateKey,
    callsPerSecond: 2_000,
    timeoutMs: 5_000,
    ...more,
  });
  return pdsDemographics(settings, { clock: systemClock, db: database.db, log: openLog("silent") });
}
async function signedIn(): Promise<NationalUser> {
  const { accessToken } = (await (await admin("POST", "users", demoUser)).json()) as { accessToken: string };
  return { ...demoUser, accessToken: async () => accessToken };
}
const ledger = async (kind?: LedgerEntry["kind"]): Promise<LedgerEntry[]> => {
  const lines = (await (await admin("GET", "ledger")).text()).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as LedgerEntry).filter((entry) => !kind || entry.kind === kind);
};
const faults = (...list: FaultInput[]) => admin("PUT", "faults", list);

const context = (): CallContext => ({ traceparent: newTrace() });
const retrieve = (nhsNumber: string): Promise<NationalAnswer> => pds.retrieve(nhsNumber, randomUUID(), context());
const trace = (query: NationalQuery): Promise<NationalAnswer> => pds.trace(query, randomUUID(), context());
async function recordOf(nhsNumber: string): Promise<NationalRecord> {
  const answer = await retrieve(nhsNumber);
  if (answer.outcome !== "found") throw new Error(answer.outcome);
  return answer.record;
}
const update = (record: NationalRecord, changes: PersonChanges, requestId: string = randomUUID()) =>
  pds.update(record, changes, user, requestId, context());
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (thrown: LockgateError) => thrown.code,
  );

describe("a retrieval", () => {
  test("tells a record in canonical words", async () => {
    expect(await recordOf(seedNumbers.ordinary)).toMatchObject({
      nhsNumber: seedNumbers.ordinary,
      restricted: false,
      fields: {
        nhsNumberStatus: "01",
        title: "Ms",
        familyName: "Hathersage",
        givenName: "Rosalind",
        middleNames: "May",
        birthDate: "1984-03-29",
        gender: "female",
        addressLine1: "11 Cooper Street",
        addressLine2: "Harrowgate Mills",
        town: "Westmarch",
        phone: "+441632960700",
        email: "rosalind@people.example",
        gpPracticeCode: "ZZ9001",
      },
    });
  });

  test("withholds where a restricted person is", async () => {
    const { restricted, fields } = await recordOf(seedNumbers.restricted);
    expect([restricted, fields.familyName]).toEqual([true, "Farrowdale"]);
    const withheld = ["addressLine1", "postcode", "phone", "email", "gpPracticeCode"] as const;
    expect(withheld.map((field) => fields[field])).toEqual(Array(5).fill(undefined));
  });

  test("follows a replaced number and says which it was", async () => {
    expect(await retrieve(seedNumbers.superseded)).toMatchObject({
      outcome: "found",
      supersedes: seedNumbers.superseded,
      record: { nhsNumber: seedNumbers.superseding },
    });
  });

  test("tells how a death became known", async () => {
    const deaths = [seedNumbers.deceasedFormal, seedNumbers.deceasedInformal, seedNumbers.ordinary].map(recordOf);
    expect((await Promise.all(deaths)).map(({ death }) => death)).toEqual(["formal", "informal", undefined]);
  });

  test("of a withdrawn record, an unknown number and an empty record says so", async () => {
    expect(await retrieve(seedNumbers.invalidated)).toEqual({ outcome: "invalidated" });
    expect(await retrieve("9990000018")).toEqual({ outcome: "none" });
    expect((await recordOf(seedNumbers.minimal)).fields.familyName).toBeUndefined();
  });
});

describe("a trace", () => {
  const rosalind = { familyName: "Hathersage", givenName: "Rosalind", birthDate: "1984-03-29" } as const;
  test.each<[string, NationalQuery, NationalAnswer["outcome"]]>([
    ["the one who fits exactly", rosalind, "found"],
    ["her in other letters", { ...rosalind, familyName: "HATHERSAGE", givenName: "rosalind" }, "found"],
    ["her by a short form of her name", { ...rosalind, givenName: "Ros" }, "several"],
    ["her without a given name", { ...rosalind, givenName: undefined }, "several"],
    ["her under another gender", { ...rosalind, gender: "male" }, "several"],
    ["nobody", { ...rosalind, birthDate: "1984-03-30" }, "none"],
    ["one by her former name", { familyName: "Tregowan", givenName: "Wilhelmina", birthDate: "1962-09-14" }, "several"],
    ["a twin", { familyName: "Okonjo-Marsh", givenName: "Adaeze", birthDate: "2014-02-20" }, "several"],
    ["a namesake", { familyName: "Braithwick", givenName: "Alan", birthDate: "1951-05-17" }, "several"],
    ["a withdrawn record", { familyName: "Inerror", givenName: "Entered", birthDate: "2000-01-01" }, "none"],
  ])("for %s has that outcome", async (_whom, query, outcome) => {
    expect((await trace(query)).outcome).toBe(outcome);
  });

  test("gives the version that a retrieval gives", async () => {
    const answer = await trace(rosalind);
    expect(answer).toEqual({ outcome: "found", record: await recordOf(seedNumbers.ordinary) });
  });
});

describe("an update", () => {
  const everything: PersonChanges = {
    title: "Dr",
    familyName: "Hathersedge",
    givenName: "Rose",
    middleNames: null,
    gender: "unknown",
    birthDate: "1984-03-28",
    addressLine1: "2 Whitehall Quay",
    addressLine2: null,
    town: "Leeds",
    county: "West Yorkshire",
    postcode: "LS1 4BU",
    phone: "+441632960123",
    email: null,
  };
  test("changes what it names and nothing else, and gives the record as it is then", async () => {
    const before = await recordOf(seedNumbers.ordinary);
    const after = await update(before, everything);
    const told = Object.fromEntries(Object.entries(everything).filter(([, value]) => value !== null));
    const { middleNames: _m, addressLine2: _a, email: _e, ...kept } = before.fields;
    expect(after.fields).toEqual({ ...kept, ...told });
    expect(after.version).not.toBe(before.version);
    expect(await recordOf(seedNumbers.ordinary)).toEqual(after);
    expect(await ledger("update")).toMatchObject([{ committed: true, roleId: demoUser.roleId }]);
  });

  test("gives an empty record its first values", async () => {
    const changes = { familyName: "Lark", givenName: "Ada", gender: "female", phone: "+447700900123" } as const;
    const { fields } = await update(await recordOf(seedNumbers.minimal), {
      ...changes,
      addressLine1: "2 Whitehall Quay",
      town: "Leeds",
      postcode: "LS1 4BU",
    });
    expect(fields).toMatchObject({ ...changes, town: "Leeds" });
  });

  test("tells a death informally, and leaves a registered one alone", async () => {
    const death = { deceased: true, deathDate: "2026-01-02" } as const;
    expect(await update(await recordOf(seedNumbers.ordinary), death)).toMatchObject({
      death: "informal",
      fields: death,
    });
    expect(await codeOf(update(await recordOf(seedNumbers.deceasedFormal), death))).toBe("NATIONAL_REFUSED");
  });

  test("of a restricted person's whereabouts is refused and blanks nothing", async () => {
    const record = await recordOf(seedNumbers.restricted);
    expect(await codeOf(update(record, { phone: "+441632960123" }))).toBe("NATIONAL_REFUSED");
    expect(await codeOf(update(record, { addressLine1: null }))).toBe("NATIONAL_REFUSED");
    expect(await ledger("update")).toEqual([]);
    const kept = (await (await admin("GET", `patients/${seedNumbers.restricted}`)).json()) as { patient: object };
    expect(kept.patient).toMatchObject({ address: [{}], telecom: [{}] });
  });

  test.each([409, 412] as const)("that loses the race under %i is stale and changes nothing", async (staleStatus) => {
    await admin("PUT", "settings", { staleStatus });
    const record = await recordOf(seedNumbers.ordinary);
    await faults({ kind: "conflict", times: 1 });
    expect(await codeOf(update(record, { gender: "male" }))).toBe("NATIONAL_STALE");
    expect((await recordOf(seedNumbers.ordinary)).fields.gender).toBe("female");
    // And so it stays, whoever repeats it.
    expect(await codeOf(update(record, { gender: "male" }))).toBe("NATIONAL_STALE");
  });

  test.each([409, 412] as const)(
    "approved twice at one version is made once under %i, and the other only after it was read and approved again",
    async (staleStatus) => {
      await admin("PUT", "settings", { staleStatus });
      const shown = await recordOf(seedNumbers.ordinary);
      const race = await Promise.all([
        codeOf(update(shown, { title: "Dr" })),
        codeOf(update(shown, { title: "Prof" })),
      ]);
      expect(race.toSorted()).toEqual(["NATIONAL_STALE", "done"]);
      const wanted = race[0] === "done" ? "Prof" : "Dr";
      // What was approved was approved of a record that is no more: no repetition makes it good.
      expect(await codeOf(update(shown, { title: wanted }))).toBe("NATIONAL_STALE");
      const again = await recordOf(seedNumbers.ordinary);
      expect(again.version).not.toBe(shown.version);
      expect(again.fields.title).not.toBe(wanted);
      expect((await update(again, { title: wanted })).fields.title).toBe(wanted);
      expect((await ledger("update")).filter(({ committed }) => committed)).toHaveLength(2);
    },
  );

  test("of a record replaced or withdrawn meanwhile is never made", async () => {
    const record = await recordOf(seedNumbers.moved);
    await faults({ kind: "superseded", times: 1, match: { operation: "retrieve" } });
    expect(await codeOf(update(record, { gender: "male" }))).toBe("NATIONAL_STALE");
    const other = await recordOf(seedNumbers.ordinary);
    await faults({ kind: "invalidated", times: 1, match: { operation: "retrieve" } });
    expect(await codeOf(update(other, { gender: "male" }))).toBe("NATIONAL_REFUSED");
    expect(await ledger("update")).toEqual([]);
  });

  test.each<[string, FaultInput["kind"]]>([
    ["made", "commitThen503"],
    ["made", "dropAfterCommit"],
    ["made", "truncatedBody"],
    ["not made", "unavailable"],
    ["not made", "dropBeforeCommit"],
    ["not made", "unableToCall"],
    ["not made", "html"],
    ["not made", "outcome200"],
  ])(
    "of which nobody knows that it was %s (%s) is ambiguous, and made once when it is repeated",
    async (_how, kind) => {
      const record = await recordOf(seedNumbers.ordinary);
      const requestId = randomUUID();
      await faults({ kind, times: 1, match: { operation: "update" } });
      expect(await codeOf(update(record, { gender: "male" }, requestId))).toMatch(/^NATIONAL_(NO|BAD)_ANSWER$/);
      expect((await update(record, { gender: "male" }, requestId)).fields.gender).toBe("male");
      expect((await ledger("update")).filter(({ committed }) => committed)).toHaveLength(1);
    },
  );

  test("under a role that the token is not for is refused", async () => {
    const record = await recordOf(seedNumbers.ordinary);
    user = { ...user, roleId: "1" };
    expect(await codeOf(update(record, { gender: "male" }))).toBe("NATIONAL_REFUSED");
  });
});

describe("trouble with a read", () => {
  test.each<[FaultInput, string]>([
    [{ kind: "throttle", retryAfterSeconds: 3 }, "NATIONAL_THROTTLED"],
    [{ kind: "unavailable", retryAfterSeconds: 3 }, "NATIONAL_UNAVAILABLE"],
    [{ kind: "unableToCall" }, "NATIONAL_UNAVAILABLE"],
    [{ kind: "down" }, "NATIONAL_UNAVAILABLE"],
    [{ kind: "dropBeforeCommit" }, "NATIONAL_UNAVAILABLE"],
    [{ kind: "truncatedBody" }, "NATIONAL_UNAVAILABLE"],
    [{ kind: "html" }, "NATIONAL_UNAVAILABLE"],
    [{ kind: "html", status: 200 }, "NATIONAL_BAD_ANSWER"],
    [{ kind: "outcome200" }, "NATIONAL_UNAVAILABLE"],
  ])("has its code, names the wait, and is not repeated: %#", async (fault, code) => {
    await retrieve(seedNumbers.ordinary);
    const before = (await ledger("retrieve")).length;
    await faults(fault);
    const error: LockgateError = await retrieve(seedNumbers.ordinary).then(
      () => expect.unreachable(),
      (thrown: LockgateError) => thrown,
    );
    expect(error.code).toBe(code);
    if (fault.retryAfterSeconds !== undefined) expect(error.retryAfterMs).toBe(3_000);
    expect((await ledger("retrieve")).length).toBe(before + 1);
  });

  test("is told in time when the service is slow", async () => {
    const hasty = open({ timeoutMs: 300 });
    try {
      await hasty.retrieve(seedNumbers.ordinary, randomUUID(), context());
      await faults({ kind: "slow", delayMs: 5_000, times: 1 });
      const call = hasty.retrieve(seedNumbers.ordinary, randomUUID(), context());
      await expect(call).rejects.toMatchObject({ code: "NATIONAL_UNAVAILABLE", reason: "TIMED_OUT" });
    } finally {
      await hasty.close();
    }
  });

  test("over a token that ends early is mended by a new one", async () => {
    await retrieve(seedNumbers.ordinary);
    await faults({ kind: "tokenExpired", times: 1 });
    expect(await retrieve(seedNumbers.ordinary)).toMatchObject({ outcome: "found" });
  });

  test("over credentials is told as such", async () => {
    const stranger = open({ kid: "nobody" });
    try {
      const call = stranger.retrieve(seedNumbers.ordinary, randomUUID(), context());
      expect(await codeOf(call)).toBe("NATIONAL_UNAUTHORISED");
    } finally {
      await stranger.close();
    }
  });
});

test("two nodes that share a limit are never told to slow down", async () => {
  const nodes = [open({ name: "pds-shared", callsPerSecond: 40 }), open({ name: "pds-shared", callsPerSecond: 40 })];
  try {
    for (const node of nodes) await node.retrieve(seedNumbers.ordinary, randomUUID(), context());
    await admin("PUT", "settings", { callsPerSecond: 45 });
    const calls = Array.from({ length: 60 }, (_, index) =>
      nodes[index % 2]!.retrieve(seedNumbers.ordinary, randomUUID(), context()),
    );
    expect((await Promise.all(calls)).every(({ outcome }) => outcome === "found")).toBe(true);
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
  }
});
