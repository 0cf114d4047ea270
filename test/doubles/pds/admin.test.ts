// The double's own desk: people in both forms, numbers replaced and withdrawn, settings, reset, and what it refuses.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seedNumbers } from "../../../doubles/pds/index.ts";
import { isNhsNumber } from "../../../doubles/pds/nhs-number.ts";
import { type Pds, startPds, violationsOf } from "./site.ts";

let pds: Pds;
beforeAll(async () => {
  pds = await startPds();
});
beforeEach(() => pds.renew());
afterAll(() => pds.close());

const number = "9990007160";
const person = {
  nhsNumber: number,
  title: "Dr",
  familyName: "Kestrel",
  givenName: ["Ann", "Lee"],
  formerFamilyName: "Hawke",
  birthDate: "1970-02-03",
  gender: "female",
  addressLines: ["1 Mews"],
  postcode: "ZZ1 1ZZ",
  phone: "01632 960750",
  mobile: "07700 900750",
  email: "ann@people.example",
  gpPracticeCode: "ZZ9001",
};

describe("a person", () => {
  test("in the flat form becomes a FHIR patient that the service shows, at version 1 and then 2", async () => {
    const first = await pds.admin("PUT", "patients", person);
    expect(first.json).toEqual([{ nhsNumber: number, version: "1", hasValidNumber: true }]);
    const { json } = await pds.retrieve(number);
    expect(json).toMatchObject({
      id: number,
      birthDate: "1970-02-03",
      name: [
        { use: "usual", family: "Kestrel", given: ["Ann", "Lee"], prefix: ["Dr"] },
        { use: "old", family: "Hawke" },
      ],
      address: [{ use: "home", line: ["1 Mews"], postalCode: "ZZ1 1ZZ" }],
      telecom: [
        { system: "phone", use: "home", value: "01632 960750" },
        { system: "phone", use: "mobile", value: "07700 900750" },
        { system: "email", use: "home", value: "ann@people.example" },
      ],
      generalPractitioner: [{ identifier: { value: "ZZ9001" } }],
    });
    expect((await pds.admin("PUT", "patients", [person])).json[0].version).toBe("2");
    expect((await pds.retrieve(number)).headers.get("etag")).toBe('W/"2"');
    expect(await violationsOf(pds)).toEqual([]);
  });

  test("in FHIR keeps its own version when new, and is found under a changed birth date only", async () => {
    const fhir = (birthDate: string) => ({
      resourceType: "Patient",
      id: number,
      birthDate,
      meta: { versionId: "7" },
      name: [{ id: "1", use: "usual", family: "Kestrel" }],
    });
    await pds.put(fhir("1970-02-03"));
    expect((await pds.retrieve(number)).headers.get("etag")).toBe('W/"7"');
    await pds.put(fhir("1970-02-04"));
    expect((await pds.retrieve(number)).headers.get("etag")).toBe('W/"8"');
    const total = async (day: string) => (await pds.search({ family: "Kestrel", birthdate: `eq${day}` })).json.total;
    expect([await total("1970-02-03"), await total("1970-02-04")]).toEqual([0, 1]);
  });

  test("can be looked at with all that the service withholds, and with the past", async () => {
    const { json } = await pds.admin("GET", `patients/${seedNumbers.restricted}`);
    expect(json.patient.address[0].postalCode).toBe("ZZ9 9ZZ");
    const moved = (await pds.admin("GET", `patients/${seedNumbers.moved}`)).json;
    expect(moved.past.address).toMatchObject([{ postalCode: "ZZ2 5DR" }]);
    expect((await pds.admin("GET", "patients/9111231130")).status).toBe(404);
  });

  test.each([
    [{ ...person, shoeSize: 42 }],
    [{ ...person, birthDate: "03/02/1970" }],
    [{ ...person, nhsNumber: "123" }],
    [{ resourceType: "Practitioner", id: number }],
    [7],
  ])("that is not right is refused, with those beside it: %j", async (wrong) => {
    const answer = await pds.admin("PUT", "patients", [person, wrong]);
    expect(answer.status).toBe(400);
    expect((await pds.admin("GET", `patients/${number}`)).status).toBe(404);
  });
});

test("every person of the seed is listed", async () => {
  const { json } = await pds.admin("GET", "patients");
  const numbers = json.map(({ nhsNumber }: { nhsNumber: string }) => nhsNumber).toSorted();
  expect(numbers).toEqual(Object.values(seedNumbers).toSorted());
  expect(numbers.every(isNhsNumber)).toBe(true);
});

test("numbers can be superseded and invalidated, but not in a circle and not if unknown", async () => {
  const { ordinary, moved } = seedNumbers;
  expect((await pds.admin("POST", "supersede", { from: ordinary, to: moved })).status).toBe(200);
  expect((await pds.retrieve(ordinary)).json.id).toBe(moved);
  expect((await pds.admin("POST", "supersede", { from: moved, to: ordinary })).status).toBe(400);
  expect((await pds.admin("POST", "invalidate", { nhsNumber: moved })).status).toBe(200);
  expect((await pds.retrieve(ordinary)).code).toBe("INVALIDATED_RESOURCE");
  expect((await pds.admin("POST", "invalidate", { nhsNumber: "9111231130" })).status).toBe(404);
  expect((await pds.admin("POST", "supersede", { from: ordinary, to: "9111231130" })).status).toBe(404);
});

test("reset takes people, faults, settings and ledger back, and leaves applications their keys", async () => {
  await pds.put(person);
  await pds.faults({ kind: "unavailable" });
  await pds.admin("PUT", "settings", { staleStatus: 412 });
  await pds.renew();
  expect((await pds.admin("GET", `patients/${number}`)).status).toBe(404);
  expect((await pds.admin("GET", "faults")).json).toEqual([]);
  expect((await pds.admin("GET", "settings")).json.staleStatus).toBe(409);
  expect(await pds.ledger()).toMatchObject([{ seq: 1, kind: "token", status: 200 }]);
});

test("the ledger can be read from where one stopped", async () => {
  await pds.retrieve(seedNumbers.ordinary);
  const { text } = await pds.admin("GET", "ledger?after=1");
  expect(
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).seq),
  ).toEqual([2]);
  expect((await pds.admin("GET", "ledger?after=x")).status).toBe(400);
});

test.each([
  ["PUT", "settings", { staleStatus: 418 }],
  ["POST", "users", { roleId: "not digits", organisation: "ZZ1" }],
  ["PUT", "clients", { apiKey: "a", kid: "b" }],
  ["PUT", "clients", { apiKey: "a", kid: "b", publicKeyPem: "no key" }],
])("%s %s with %j is refused with the reason", async (method, path, body) => {
  const answer = await pds.admin(method, path, body);
  expect([answer.status, answer.json.error]).toEqual([400, expect.any(String)]);
});

test("an admin body that is no JSON is refused, an unknown address not found", async () => {
  const answer = await fetch(`${pds.origin}/admin/settings`, { method: "PUT", body: "{" });
  expect(answer.status).toBe(400);
  expect((await pds.admin("GET", "elsewhere")).status).toBe(404);
});
