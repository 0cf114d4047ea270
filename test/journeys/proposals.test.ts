// The product `demographics/v1` over a whole platform: a change proposed by request, and persons read with masks.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Change } from "#services/demographics";
import { until } from "../until.ts";
import { testNhsNumber } from "./adt.ts";
import { idOf, person, type Site, startSite } from "./platform-rig.ts";
import { nationally, type Telling, tellingOf } from "./telling.ts";
import { messagesOf } from "./topic-contracts.ts";

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());

const stella = person("stella", "steward", "approver");
const ben = person("ben", "approver");
const otto = person("otto", "operator");
const sue = person("sue", "supply");
const cleo = person("cleo", "clinical-safety-officer");

type Answer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> };

async function ask(
  method: "GET" | "POST",
  path: string,
  as: typeof stella,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const answer = await fetch(`${site.http}/demographics/v1${path}`, {
    method,
    headers: {
      ...(await site.headersOf(as)),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
}

const idsOf = (mrn: string) => [{ system: "RXX", value: mrn }];
const change = (mrn: string, fields: object, more: object = {}) => ({
  identifiers: idsOf(mrn),
  fields,
  eventAt: new Date(Date.now() - 60_000).toISOString(),
  reason: "said at the front desk",
  ...more,
});
const propose = (body: object, as = stella, headers: Record<string, string> = {}) =>
  ask("POST", "/changes", as, { body, headers });
const follow = async (id: unknown, as = stella) => (await ask("GET", `/changes/${id}`, as)).body as unknown as Change;
const reaches = async (id: unknown, state: Change["state"]): Promise<Change> => {
  await until(async () => (await follow(id)).state === state, 30_000);
  return follow(id);
};

/** A person of whom everybody agrees, and whose new name the national service knows. */
async function renaming(mrn: string, serial: number, familyName = "Brookside"): Promise<string> {
  const nhsNumber = testNhsNumber(serial);
  await site.pds.know(nationally(nhsNumber, { familyName }));
  await t.register({ mrn, nhsNumber, addressLine1: "1 Row", phone: "01632960721" });
  return nhsNumber;
}

describe("a proposed change", () => {
  it("is a journey of its own, waits for somebody else than its proposer, and is applied when approved", async () => {
    await renaming("PR1", 7_000);
    const taken = await propose(change("PR1", { familyName: "Brookside" }));
    expect(taken).toMatchObject({ status: 202, body: { state: "received" } });
    const { id } = taken.body;
    expect(taken.headers.get("location")).toBe(`/demographics/v1/changes/${id}`);
    const waiting = await reaches(id, "waiting-for-approval");
    expect(waiting).toMatchObject({
      id,
      proposedBy: idOf(stella),
      queue: expect.any(String),
      code: expect.any(String),
    });
    expect(Date.parse(String(waiting.since))).toBeLessThanOrEqual(Date.now());
    expect(waiting.timeline.map(({ name }) => name)).toEqual(expect.arrayContaining(["received", "asked"]));
    for (const key of [String(id), "RXX:PR1", "PR1"])
      expect((await site.journeys(key)).map((journey) => journey.id)).toContain(id);

    const [item] = await site.asked(String(id));
    const shown = await site.show(item!.id, ben);
    expect(shown).toMatchObject({ excluded: [idOf(stella)], content: { comment: "said at the front desk" } });
    await expect(site.decide(item!, "approve", stella)).rejects.toThrow("ACCESS_REFUSED");
    expect((await follow(id)).state).toBe("waiting-for-approval");
    await site.decide(item!, "approve", ben);
    await reaches(id, "applied");
    expect(await site.nav.patientsBy("PR1")).toMatchObject([{ lastName: "Brookside" }]);
  });

  it("is refused with a code for each field, without a value, and nothing of it is taken", async () => {
    await renaming("PR2", 7_010);
    const before = await site.journeys("PR2");
    const planted = "2999-01-01";
    const { status, body, headers } = await propose(
      change("PR2", { birthDate: planted, email: "plantedtext", familyName: "Brookside" }),
    );
    expect(status).toBe(422);
    expect(headers.get("content-type")).toContain("application/problem+json");
    expect(body).toMatchObject({
      code: "PERSON_INVALID",
      faults: expect.arrayContaining([
        { at: "fields.birthDate", code: "DQ-DOB-003" },
        { at: "fields.email", code: "DQ-EML-001" },
      ]),
    });
    expect(JSON.stringify(body)).not.toMatch(/2999|plantedtext/);
    expect(await site.journeys("PR2")).toEqual(before);
  });

  it.each<[string, object, number, string]>([
    ["names nobody", { identifiers: [] }, 422, "PERSON_INVALID"],
    [
      "gives an NHS number as the hospital's own",
      { identifiers: [{ system: "NHS", value: "9" }] },
      422,
      "PERSON_INVALID",
    ],
    ["lies in the future", { eventAt: new Date(Date.now() + 3_600_000).toISOString() }, 422, "PERSON_INVALID"],
    ["says nothing", { fields: {} }, 400, "REQUEST_INVALID"],
    ["says who proposes it", { proposer: "somebody" }, 400, "REQUEST_INVALID"],
    ["gives a status of the number", { fields: { nhsNumberStatus: "01" } }, 400, "REQUEST_INVALID"],
    ["gives no reason", { reason: " " }, 400, "REQUEST_INVALID"],
  ])("is refused where it %s", async (_, more, status, code) => {
    expect(await propose(change("PR9", { familyName: "Brookside" }, more))).toMatchObject({ status, body: { code } });
  });

  it("is the same under the same key, even where its answer was lost, and never another", async () => {
    await renaming("PR3", 7_020);
    const body = change("PR3", { familyName: "Brookside" });
    const key = { "idempotency-key": "a-key-of-stella" };
    const [first, second] = [await propose(body, stella, key), await propose(body, stella, key)];
    expect(second).toMatchObject({ status: 202, body: first.body });
    expect(second.headers.get("location")).toBe(first.headers.get("location"));
    // As after a crash between the commit and the record of its answer.
    await site.db.query("delete from gateway.idempotent_request");
    expect((await propose(body, stella, key)).body.id).toBe(first.body.id);
    await site.db.query("delete from gateway.idempotent_request");
    const other = await propose({ ...body, reason: "another" }, stella, key);
    expect(other).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_KEY_REUSED" } });
    expect((await site.journeys("PR3")).filter(({ channel }) => channel !== "adt")).toHaveLength(1);
  });

  it("is followed by its proposer and by those whose work it is, and by nobody else", async () => {
    await renaming("PR4", 7_030);
    const { id } = (await propose(change("PR4", { familyName: "Brookside" }))).body;
    expect((await ask("GET", `/changes/${id}`, otto)).status).toBe(200);
    const refused = await ask("GET", `/changes/${id}`, sue);
    expect(refused).toMatchObject({ status: 403, body: { code: "ACCESS_REFUSED" } });
    // Whoever may not follow it is told the same of one that there is not.
    const nowhere = await ask("GET", `/changes/${crypto.randomUUID()}`, sue);
    expect(nowhere.body.code).toBe("ACCESS_REFUSED");
    expect((await ask("GET", `/changes/${crypto.randomUUID()}`, otto)).body.code).toBe("CHANGE_UNKNOWN");
    expect((await propose(change("PR4", { familyName: "Brookside" }), otto)).body.code).toBe("ACCESS_REFUSED");
    const purposeless = await propose(change("PR4", { familyName: "B" }), stella, { "purpose-of-use": "" });
    expect([400, 403]).toContain(purposeless.status);
  });
});

describe("a person", () => {
  it("is found by numbers in the body, shown by role, and who looked is on record", async () => {
    const nhsNumber = await renaming("PR5", 7_040, "Ashdown");
    const found = await ask("POST", "/persons/search", stella, { body: { nhsNumber } });
    const [whole] = found.body.persons as Record<string, unknown>[];
    expect(whole).toMatchObject({
      nhsNumber,
      restricted: false,
      addressLine1: "1 Row",
      identifiers: [{ value: "PR5" }],
    });
    const same = await ask("POST", "/persons/search", stella, { body: { identifiers: idsOf("PR5") } });
    expect(same.body.persons).toEqual(found.body.persons);
    expect((await ask("GET", `/persons/${whole!.id}`, stella)).body).toEqual(whole);
    expect((await ask("GET", `/persons/${whole!.id}`, otto)).body.code).toBe("ACCESS_REFUSED");
    expect((await ask("POST", "/persons/search", stella, { body: {} })).body.code).toBe("REQUEST_INVALID");
    const rows = await site.db.query<{ actor: string; purpose: string }>({
      text: "select actor, purpose from audit.access join audit.access_about using (position) where about = $1",
      values: [`person/${whole!.id}`],
    });
    expect(rows.filter(({ actor }) => actor === idOf(stella))).toHaveLength(3);
    expect(rows.every(({ purpose }) => purpose === "administration")).toBe(true);
  });

  it("who is restricted is never shown with whereabouts, whoever asks and whatever for", async () => {
    const nhsNumber = testNhsNumber(7_050);
    await site.pds.know(nationally(nhsNumber, { restricted: true }));
    const row = "7 Plantedrow";
    await t.ended(await t.update({ mrn: "PR6", nhsNumber, addressLine1: row, phone: "01632960777" }, 0, "A28"));
    await until(async () => (await t.known("PR6")).restricted);
    for (const [as, purpose] of [
      [stella, "administration"],
      [stella, "break-glass"],
      [cleo, "safety-review"],
    ] as const) {
      const headers = { "purpose-of-use": purpose, "access-reason": "an emergency in the ward" };
      const found = await ask("POST", "/persons/search", as, { body: { nhsNumber }, headers });
      expect(found.body.persons).toMatchObject([{ restricted: true, nhsNumber }]);
      expect(JSON.stringify(found.body)).not.toMatch(/Plantedrow|01632960777|addressLine|phone/);
    }
  });

  it("is matched as a FHIR Patient, with a grade, as far as may be seen", async () => {
    const nhsNumber = await renaming("PR7", 7_060, "Ashdown");
    const { body: known } = await ask("POST", "/persons/search", stella, { body: { nhsNumber } });
    const [one] = known.persons as Record<string, string>[];
    const resource = {
      resourceType: "Patient",
      identifier: [{ system: "https://fhir.nhs.uk/Id/nhs-number", value: nhsNumber }],
      name: [{ family: one!.familyName, given: [one!.givenName] }],
      birthDate: one!.birthDate,
    };
    const body = { resourceType: "Parameters", parameter: [{ name: "resource", resource }] };
    const { status, headers, body: bundle } = await ask("POST", "/match", stella, { body });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toContain("application/fhir+json");
    const { entry } = bundle as { entry: { resource: { id: string; name: { family: string }[] } }[] };
    expect(entry[0]!.resource).toMatchObject({ id: one!.id, name: [{ family: one!.familyName }] });
    const poor = { ...body, parameter: [{ name: "resource", resource: { resourceType: "Patient" } }] };
    expect((await ask("POST", "/match", stella, { body: poor })).body.resourceType).toBe("OperationOutcome");
  });
});

it("tells of proposals on the topic of every source, why they were made included, as the contract says", async () => {
  const { topics, odd } = await messagesOf(site.db);
  expect(odd).toEqual([]);
  expect(topics).toContain("person.updated");
});
