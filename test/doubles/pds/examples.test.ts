// The NHS's own examples: the double answers them as their OpenAPI document says, errors as the NHS words them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FaultInput, seedNumbers } from "../../../doubles/pds/index.ts";
import { checkNoViolations, examples, hasExamples, type Pds, type Reply, startPds, violationsOf } from "./site.ts";

interface Resource {
  resourceType: string;
  id?: string;
  birthDate?: string;
  meta?: { versionId: string };
  name?: { use: string; family: string; given?: string[] }[];
  entry?: { resource: Resource }[];
}

const namesIn = (folder: string): string[] =>
  hasExamples ? readdirSync(join(examples, folder)).filter((name) => name.endsWith(".json")) : [];
const load = (folder: string, name: string): Resource =>
  JSON.parse(readFileSync(join(examples, folder, name), "utf8")) as Resource;

let pds: Pds;
beforeAll(async () => {
  pds = await startPds();
});
beforeEach(() => pds.renew());
afterEach(() => checkNoViolations(pds));
afterAll(() => pds.close());

describe.skipIf(!hasExamples)("with the NHS's examples from shared data:", () => {
  const stubs = "sandbox-stubs";

  test("there are as many of them as were counted", () => {
    const folders = ["patientResponses", "searchResponses", "errorResponses"];
    expect(folders.map((folder) => namesIn(`${stubs}/${folder}`).length)).toEqual([15, 34, 19]);
  });

  test.each(namesIn(`${stubs}/patientResponses`))(
    "retrieving %s shows it as it is, its version as ETag",
    async (name) => {
      const stub = load(`${stubs}/patientResponses`, name);
      await pds.put(stub);
      const { status, json, headers } = await pds.retrieve(stub.id!);
      expect([status, headers.get("etag"), json]).toEqual([200, `W/"${stub.meta!.versionId}"`, stub]);
    },
  );

  test.each(namesIn(`${stubs}/searchResponses`))("searching for who is in %s finds them", async (name) => {
    const stub = load(`${stubs}/searchResponses`, name);
    const people = stub.resourceType === "Patient" ? [stub] : (stub.entry ?? []).map(({ resource }) => resource);
    await pds.put(...people);
    for (const person of people) {
      const found = await searchFor(person);
      // A record without name and birth date can be found by no search that the service allows.
      if (!found) expect(name).toContain("Minimal");
      else expect(found).toMatchObject({ id: person.id, name: person.name?.filter(({ use }) => use === "usual") });
    }
    expect((await pds.ledger("search")).every(({ status }) => status === 200)).toBe(true);
  });

  async function searchFor({ id, name, birthDate }: Resource): Promise<Resource | undefined> {
    const { family, given } = name?.[0] ?? {};
    if (!family || !birthDate) return undefined;
    const query = { family, birthdate: `eq${birthDate}`, ...(given && { given }) };
    const { json } = await pds.search(query, { token: pds.userToken });
    const entries = json.entry as { resource: Resource; search: { score: number } }[];
    const own = entries.find(({ resource }) => resource.id === id);
    expect(own?.search.score).toBe(1);
    return own?.resource;
  }

  const updates: [name: string, status: number, code: string | undefined][] = [
    ["add-deceased-date-time.json", 200, undefined],
    ["add-extension.json", 403, "FORBIDDEN_UPDATE"],
    ["add-name.json", 200, undefined],
    ["delete-extension.json", 200, undefined],
    ["delete-gender.json", 403, "FORBIDDEN_UPDATE"],
    ["delete-name-alternative.json", 400, "INVALID_UPDATE"],
    ["delete-name.json", 403, "FORBIDDEN_UPDATE"],
    // Its address key has seven digits, where the document asks for eight.
    ["update-address-alternative.json", 400, "INVALID_VALUE"],
    ["update-address.json", 200, undefined],
    ["update-extension.json", 403, "FORBIDDEN_UPDATE"],
    ["update-gender.json", 200, undefined],
  ];
  const requests = "spec-examples/requests/PatientPatch";
  test("each example of an update has an outcome below", () => {
    expect(updates.map(([name]) => name)).toEqual(namesIn(requests).toSorted());
  });
  test.each(updates)("updating Jane Smith by %s answers %i %s", async (name, status, code) => {
    await pds.put(load(`${stubs}/patientResponses`, "patient_9000000009.json"));
    const { patches } = load(requests, name) as Resource & { patches: unknown };
    const answer = await pds.update("9000000009", 'W/"2"', patches);
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect((await pds.retrieve("9000000009")).headers.get("etag")).toBe(status === 200 ? 'W/"3"' : 'W/"2"');
  });

  /** Of those there is no call here: the double creates nobody, and has an answer for every search. */
  const outOfReach = ["INSERT_BIRTH_DEATH_STATUS_INCONSISTENT", "INVALID_CREATE", "NOT_SUPPORTED_SEARCH"];
  const { ordinary, invalidated } = seedNumbers;
  const gender = (value: string) => [{ op: "replace", path: "/gender", value }];
  const jane = { family: "Smith", birthdate: "eq2010-10-22" };
  const errors: Record<string, [status: number, ask: () => Promise<Reply>]> = {
    ACCESS_DENIED: [401, () => pds.retrieve(ordinary, { token: "none" })],
    ADDITIONAL_PROPERTIES: [400, () => pds.search({ ...jane, invalidParam: "123" })],
    FORBIDDEN_UPDATE: [403, () => pds.update(ordinary, 'W/"1"', [{ op: "remove", path: "/gender" }])],
    INVALIDATED_RESOURCE: [404, () => pds.retrieve(invalidated)],
    INVALID_METHOD: [403, () => pds.update(ordinary, 'W/"1"', gender("male"), { token: pds.appToken })],
    INVALID_RESOURCE_ID: [400, () => pds.retrieve("9000000000")],
    INVALID_SEARCH_DATA: [400, () => pds.search({ ...jane, "_fuzzy-match": "true" })],
    INVALID_UPDATE: [400, () => pds.update(ordinary, 'W/"1"', [])],
    INVALID_VALUE: [400, () => pds.search({ ...jane, birthdate: "20101022" })],
    MISSING_VALUE: [400, () => pds.retrieve(ordinary, { headers: { "x-request-id": null } })],
    PRECONDITION_FAILED: [412, () => pds.update(ordinary, null, gender("male"))],
    RESOURCE_NOT_FOUND: [404, () => pds.retrieve("9111231130")],
    RESOURCE_VERSION_MISMATCH: [409, () => pds.update(ordinary, 'W/"9"', gender("male"))],
    TOO_FEW_VALUES_SUBMITTED: [
      400,
      () =>
        pds.update(ordinary, 'W/"1"', [{ op: "add", path: "/address/-", value: { use: "billing", line: [], period } }]),
    ],
    TOO_MANY_VALUES_SUBMITTED: [
      400,
      () =>
        pds.update(ordinary, 'W/"1"', [
          { op: "add", path: "/generalPractitioner/-", value: { identifier: { value: "ZZ9" } } },
        ]),
    ],
    UNSUPPORTED_SERVICE: [400, () => pds.search({})],
  };
  const period = { start: "2026-01-01", end: "2026-02-01" };

  test("each error of the NHS's has a call below or a reason why not", () => {
    const names = namesIn(`${stubs}/errorResponses`).map((name) => name.replace(".json", ""));
    expect([...Object.keys(errors), ...outOfReach].toSorted()).toEqual(names.toSorted());
  });

  interface Issue {
    severity: string;
    code: string;
    details: { coding: { code: string; display: string; system: string; version: string }[] };
    diagnostics?: string;
  }
  const issueOf = (json: unknown): Issue => (json as { issue: Issue[] }).issue[0]!;
  test.each(Object.entries(errors))("%s is worded as the NHS words it", async (code, [status, ask]) => {
    const answer = await ask();
    const [theirs, ours] = [issueOf(load(`${stubs}/errorResponses`, `${code}.json`)), issueOf(answer.json)];
    expect([answer.status, ours.severity, ours.code]).toEqual([status, theirs.severity, theirs.code]);
    const { display, ...coding } = theirs.details.coding[0]!;
    expect(ours.details.coding[0]).toMatchObject({ ...coding, ...(!display.startsWith("#(") && { display }) });
    expect(ours.diagnostics !== undefined || code === "UNSUPPORTED_SERVICE").toBe(
      theirs.diagnostics !== undefined || code === "UNSUPPORTED_SERVICE",
    );
  });

  test("too many matches are worded as the NHS words them", async () => {
    const refused = await pds.search({ family: "Braithwick", birthdate: "eq1951-05-17" });
    expect(refused.json).toEqual(load(`${stubs}/searchResponses`, "TOO_MANY_MATCHES.json"));
  });

  const faulty: [fault: FaultInput, status: number][] = [
    [{ kind: "throttle" }, 429],
    [{ kind: "unavailable" }, 503],
    [{ kind: "unableToCall" }, 408],
  ];
  test.each(faulty)("the answer under %o is one that the document allows", async (fault, status) => {
    await pds.faults(fault);
    expect((await pds.update(ordinary, 'W/"1"', gender("male"))).status).toBe(status);
    expect((await pds.retrieve(ordinary)).status).toBe(status);
  });
});

test.skipIf(!hasExamples)("an answer that breaks the document is a 500 that the double owns up to", async () => {
  const nhsNumber = "9990007160";
  await pds.put({ resourceType: "Patient", id: nhsNumber, gender: "F", pets: ["cat"] });
  const broken = await pds.retrieve(nhsNumber);
  expect([broken.status, broken.text]).toEqual([500, "The double broke the OpenAPI document.\n"]);
  expect(await violationsOf(pds)).toMatchObject([{ operation: "retrieve", status: 200, breach: expect.any(String) }]);
  await pds.renew();
});

test.skipIf(!hasExamples)("a request that only the document refuses is answered in the service's words", async () => {
  const headers = { "nhsd-session-urid": "not digits" };
  const refused = await pds.retrieve(seedNumbers.ordinary, { headers });
  expect([refused.status, refused.code]).toEqual([400, "INVALID_VALUE"]);
});
