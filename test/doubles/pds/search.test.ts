// Search: who is found by what and how well, what each kind of caller may see, and which searches are refused.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seedNumbers } from "../../../doubles/pds/index.ts";
import { soundexOf } from "../../../doubles/pds/search/pattern.ts";
import { checkNoViolations, type Pds, type Reply, startPds } from "./site.ts";

let pds: Pds;
beforeAll(async () => {
  pds = await startPds();
  await pds.put(
    { nhsNumber: "9990007160", familyName: "Attisón", givenName: ["Pauline", "Mary"], birthDate: "1960-07-14" },
    { nhsNumber: "9990007179", familyName: "Smyth", givenName: "Jayne", birthDate: "1960-07-15", gender: "female" },
  );
});
afterAll(async () => {
  await checkNoViolations(pds);
  await pds.close();
});

type Query = Record<string, string | string[]>;
const found = ({ json }: Reply): [string, number][] =>
  (json.entry ?? []).map((entry: { resource: { id: string }; search: { score: number } }) => [
    entry.resource.id,
    entry.search.score,
  ]);
const asUser = async (query: Query) => found(await pds.search(query, { token: pds.userToken }));
const rosalind = { family: "Hathersage", birthdate: "eq1984-03-29" };

test("an exact search finds the one person with score 1, at the address a retrieval has", async () => {
  const { status, json } = await pds.search({ ...rosalind, given: "Rosalind", gender: "female" });
  expect(status).toBe(200);
  expect(json).toMatchObject({ resourceType: "Bundle", type: "searchset", total: 1 });
  expect(json.entry[0].search.score).toBe(1);
  expect(json.entry[0].fullUrl).toBe(`${pds.origin}/personal-demographics/FHIR/R4/Patient/${seedNumbers.ordinary}`);
  expect(json.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
});

test("a search that finds nobody is a Bundle of total 0 without entries", async () => {
  const { status, json } = await pds.search({ family: "Nobody", birthdate: "eq1984-03-29" });
  expect([status, json.total, json.entry]).toEqual([200, 0, undefined]);
});

test("the recommended search finds a person by the beginnings of name and postcode, with a score below 1", async () => {
  const recommended = { ...rosalind, given: "Ros*", "address-postalcode": "ZZ*", _history: "true" };
  const [[number, score] = []] = found(await pds.search(recommended));
  expect(number).toBe(seedNumbers.ordinary);
  expect(score).toBeLessThan(1);
  expect(found(await pds.search({ ...recommended, "_exact-match": "true" }))).toEqual([]);
});

const finding: [what: string, query: Query, numbers: string[]][] = [
  ["letters in the other case", { ...rosalind, family: "HATHERSAGE" }, [seedNumbers.ordinary]],
  ["several given names", { ...rosalind, given: ["Rosalind", "May"] }, [seedNumbers.ordinary]],
  ["a wrong second given name", { ...rosalind, given: ["Rosalind", "June"] }, []],
  ["a wildcard on a second given name", { ...rosalind, given: "Ma*" }, []],
  ["a wildcard within", { ...rosalind, family: "Ha*ge" }, [seedNumbers.ordinary]],
  ["a range of birth dates", { ...rosalind, birthdate: ["ge1984-03-28", "le1984-03-30"] }, [seedNumbers.ordinary]],
  ["a range that ends before", { ...rosalind, birthdate: "le1984-03-28" }, []],
  ["an open range", { ...rosalind, birthdate: "ge1984-03-29" }, [seedNumbers.ordinary]],
  ["the wrong gender", { ...rosalind, gender: "male" }, []],
  ["a postcode without space", { ...rosalind, "address-postcode": "zz13qp" }, [seedNumbers.ordinary]],
  ["another postcode", { ...rosalind, "address-postalcode": "ZZ1 3QQ" }, []],
  ["the practice", { ...rosalind, "general-practitioner": "zz9001" }, [seedNumbers.ordinary]],
  ["another practice", { ...rosalind, "general-practitioner": "ZZ9002" }, []],
  ["e-mail in the other case", { ...rosalind, email: "ROSALIND@people.example" }, [seedNumbers.ordinary]],
  ["telephone", { ...rosalind, phone: "07700 900700" }, [seedNumbers.ordinary]],
  ["another telephone", { ...rosalind, phone: "07700 900701" }, []],
  [
    "the date of death",
    { family: "Quillinan", birthdate: "eq1931-01-11", "death-date": "ge2024-11-01" },
    [seedNumbers.deceasedFormal],
  ],
  ["another date of death", { family: "Quillinan", birthdate: "eq1931-01-11", "death-date": "eq2024-11-04" }, []],
  ["an accent left out", { family: "attison", birthdate: "eq1960-07-14" }, ["9990007160"]],
  ["an invalidated person's name", { family: "Inerror", birthdate: "eq2000-01-01" }, []],
  ["one twin's name", { family: "Okonjo-Marsh", given: "Adanna", birthdate: "eq2014-02-20" }, [seedNumbers.twinSecond]],
];
test.each(finding)("searching with %s", async (_what, query, numbers) => {
  expect((await asUser(query)).map(([number]) => number)).toEqual(numbers);
});

describe("history", () => {
  const born = { birthdate: "eq1962-09-14" };
  test.each([
    ["former name", { ...born, family: "Tregowan" }],
    ["former postcode", { ...born, family: "Penhallow", "address-postalcode": "ZZ2 5DR" }],
    ["former e-mail", { ...born, family: "Penhallow", email: "w.tregowan@people.example" }],
  ])("a %s finds a person only when asked for, and answers with today's values", async (what, query) => {
    expect(await asUser(query)).toEqual([]);
    const answer = await pds.search({ ...query, _history: "true" });
    const [[number, score] = []] = found(answer);
    expect(number).toBe(seedNumbers.moved);
    expect(score! < 1).toBe(what !== "former e-mail");
    expect(answer.text).toContain("Penhallow");
    expect(answer.text).not.toMatch(/Tregowan|tregowan|ZZ2 5DR/);
  });

  test("what is current scores higher than what is past", async () => {
    const [[, now] = []] = await asUser({ ...born, family: "Penhallow", _history: "true" });
    const [[, past] = []] = await asUser({ ...born, family: "Tregowan", _history: "true" });
    expect(now).toBeGreaterThan(past!);
  });
});

test("details of a superseded record lead to the record in force, once", async () => {
  expect(await asUser({ family: "Sandyforth", birthdate: "eq1978-12-01" })).toEqual([[seedNumbers.superseding, 1]]);
  expect(await asUser({ family: "Sand*", birthdate: "eq1978-12-01" })).toHaveLength(1);
});

describe("a restricted person", () => {
  const imogen = { family: "Farrowdale", birthdate: "eq1990-07-07" };
  test("is found by name, shown without whereabouts", async () => {
    const { json } = await pds.search(imogen);
    expect(json.entry[0].resource).toMatchObject({ id: seedNumbers.restricted, gender: "female" });
    for (const field of ["address", "telecom", "contact", "generalPractitioner"])
      expect(json.entry[0].resource[field]).toBeUndefined();
  });
  test.each([
    ["address-postalcode", "ZZ9 9ZZ"],
    ["address-postcode", "ZZ9*"],
    ["general-practitioner", "ZZ9002"],
  ])("is not found once %s is in the query, though it fits", async (name, value) => {
    expect(await asUser({ ...imogen, [name]: value })).toEqual([]);
  });
});

describe("more people than one", () => {
  const alan = { family: "Braithwick", given: "Alan", birthdate: "eq1951-05-17" };
  test("are refused to an application with status 200 and TOO_MANY_MATCHES, and told to a user", async () => {
    const refused = await pds.search(alan);
    expect([refused.status, refused.code, refused.json.resourceType]).toEqual([
      200,
      "TOO_MANY_MATCHES",
      "OperationOutcome",
    ]);
    expect(refused.json.issue[0].severity).toBe("information");
    expect((await asUser(alan)).map(([number]) => number)).toEqual([
      seedNumbers.namesakeFirst,
      seedNumbers.namesakeSecond,
    ]);
  });
  test("become one by the postcode", async () => {
    expect(found(await pds.search({ ...alan, "address-postalcode": "ZZ37LR" }))).toEqual([
      [seedNumbers.namesakeSecond, 1],
    ]);
  });
  test("are too many for a user who asked for fewer, or beyond fifty", async () => {
    const few = await pds.search({ ...alan, "_max-results": "1" }, { token: pds.userToken });
    expect(few.code).toBe("TOO_MANY_MATCHES");
    const numbers = ["9990007187", "9990007195", "9990007209"];
    await pds.put(...numbers.map((nhsNumber) => ({ nhsNumber, familyName: "Same", birthDate: "1999-09-09" })));
    const three = { family: "Same", birthdate: "eq1999-09-09" };
    expect((await asUser({ ...three, "_max-results": "3" })).map(([number]) => number)).toEqual(numbers);
    expect((await pds.search({ ...three, "_max-results": "2" }, { token: pds.userToken })).code).toBe(
      "TOO_MANY_MATCHES",
    );
  });
  test("may not be asked for by an application", async () => {
    const refused = await pds.search({ ...alan, "_max-results": "2" });
    expect([refused.status, refused.code]).toEqual([403, "INVALID_VALUE"]);
    expect((await pds.search({ ...alan, "_max-results": "1" })).status).toBe(200);
  });
});

describe("a fuzzy search", () => {
  const fuzzy = { "_fuzzy-match": "true" };
  test("finds by sound, with a score below 1", async () => {
    const [[number, score] = []] = await asUser({
      ...fuzzy,
      family: "Smith",
      given: "Jane",
      birthdate: "eq1960-07-15",
    });
    expect(number).toBe("9990007179");
    expect(score).toBeLessThan(1);
    expect(await asUser({ family: "Smith", given: "Jane", birthdate: "eq1960-07-15" })).toEqual([]);
  });
  test("finds transposed names, and past ones without being asked", async () => {
    const swapped = { ...fuzzy, family: "Jayne", given: "Smyth", birthdate: "eq1960-07-15" };
    expect(await asUser(swapped)).toHaveLength(1);
    const past = { ...fuzzy, family: "Tregowan", given: "Wilhelmina", birthdate: "eq1962-09-14" };
    expect(await asUser(past)).toHaveLength(1);
  });
  test("takes the practice for the score only", async () => {
    const query = { ...fuzzy, ...rosalind, given: "Rosalind" };
    const [[, right] = []] = await asUser({ ...query, "general-practitioner": "ZZ9001" });
    const [[, wrong] = []] = await asUser({ ...query, "general-practitioner": "ZZ9002" });
    expect(right).toBe(1);
    expect(wrong).toBeLessThan(1);
  });
  test.each([
    ["Robert", "R163"],
    ["Rupert", "R163"],
    ["Ashcraft", "A261"],
    ["Tymczak", "T522"],
    ["Pfister", "P236"],
    ["Honeyman", "H555"],
    ["Smith", "S530"],
    ["Smythe", "S530"],
  ])("hears %s as %s", (name, code) => {
    expect(soundexOf(name)).toBe(code);
  });
});

test("a search shows current names, the home address and no preferences", async () => {
  await pds.put({
    resourceType: "Patient",
    id: "9990007225",
    birthDate: "1970-01-01",
    name: [
      { id: "1", use: "usual", family: "Shown" },
      { id: "2", use: "old", family: "Past" },
    ],
    address: [
      { id: "3", use: "home", line: ["Home"] },
      { id: "4", use: "temp", line: ["Elsewhere"], postalCode: "ZZ7 7ZZ" },
    ],
    extension: [{ url: "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", valueAddress: { city: "Leeds" } }],
  });
  const query = { family: "Shown", birthdate: "eq1970-01-01", "address-postalcode": "ZZ7 7ZZ" };
  const { resource } = (await pds.search(query)).json.entry[0];
  expect(resource.name).toEqual([{ id: "1", use: "usual", family: "Shown" }]);
  expect(resource.address).toEqual([{ id: "3", use: "home", line: ["Home"] }]);
  expect(resource.extension).toBeUndefined();
});

const refusals: [what: string, query: Query, status: number, code: string][] = [
  ["with no parameters", {}, 400, "UNSUPPORTED_SERVICE"],
  ["with an unknown parameter", { ...rosalind, invalidParam: "1" }, 400, "ADDITIONAL_PROPERTIES"],
  ["without birth date", { family: "Hathersage" }, 400, "MISSING_VALUE"],
  ["without family name", { birthdate: "eq1984-03-29" }, 400, "MISSING_VALUE"],
  ["by e-mail and telephone alone", { email: "a@b.example", phone: "0" }, 400, "MISSING_VALUE"],
  ["with a date in another form", { ...rosalind, birthdate: "eq29-03-1984" }, 400, "INVALID_VALUE"],
  ["with a date without comparator", { ...rosalind, birthdate: "1984-03-29" }, 400, "INVALID_VALUE"],
  ["with a day that is none", { ...rosalind, birthdate: "eq1984-02-30" }, 400, "INVALID_VALUE"],
  ["with two days", { ...rosalind, birthdate: ["eq1984-03-29", "eq1984-03-30"] }, 400, "INVALID_SEARCH_DATA"],
  ["with a wildcard too early", { ...rosalind, family: "H*" }, 400, "INVALID_SEARCH_DATA"],
  ["with a fuzzy wildcard", { ...rosalind, given: "Ros*", "_fuzzy-match": "true" }, 400, "INVALID_SEARCH_DATA"],
  ["with too little for a fuzzy one", { ...rosalind, "_fuzzy-match": "true" }, 400, "INVALID_SEARCH_DATA"],
  [
    "with both spellings of the postcode",
    { ...rosalind, "address-postcode": "ZZ1 3QP", "address-postalcode": "ZZ1 3QP" },
    400,
    "INVALID_SEARCH_DATA",
  ],
  ["with a gender that is none", { ...rosalind, gender: "f" }, 400, "INVALID_VALUE"],
  ["with a flag that is none", { ...rosalind, _history: "yes" }, 400, "INVALID_VALUE"],
  ["for nobody at most", { ...rosalind, "_max-results": "0" }, 400, "INVALID_VALUE"],
  ["with a name that is too long", { ...rosalind, family: "H".repeat(36) }, 400, "INVALID_VALUE"],
];
test.each(refusals)("a search %s is refused", async (_what, query, status, code) => {
  const refused = await pds.search(query);
  expect([refused.status, refused.code]).toEqual([status, code]);
});

test("a search for more than fifty is refused to a user too", async () => {
  const refused = await pds.search({ ...rosalind, "_max-results": "51" }, { token: pds.userToken });
  expect([refused.status, refused.code]).toEqual([400, "INVALID_VALUE"]);
});

test("the ledger says how many a search found, and who it was if it was one", async () => {
  await pds.search(rosalind);
  await pds.search({ family: "Braithwick", birthdate: "eq1951-05-17" });
  const [one, two] = (await pds.ledger("search")).slice(-2);
  expect(one).toMatchObject({ status: 200, code: null, matches: 1, nhsNumber: seedNumbers.ordinary });
  expect(two).toMatchObject({ status: 200, code: "TOO_MANY_MATCHES", matches: 2, nhsNumber: null });
});
