// FHIR Patient/$match: grades, scores, order, and what is never told.

import { describe, expect, test } from "vitest";
import type { MatchVerdict } from "#canonical/contracts";
import type { PersonChanges } from "#canonical/model";
import { matchOperation, type Resource } from "#services/matching";
import { verdictOf } from "./settled.ts";

type Candidate = MatchVerdict["candidates"][number];
const of = (personId: string, weight: number, more: Partial<Candidate> = {}): Candidate => ({
  ...verdictOf("review", null).candidates[0]!,
  personId,
  weight,
  ...more,
});

const linked = (...candidates: readonly Candidate[]): MatchVerdict => ({
  ...verdictOf("link", candidates[0]!.personId),
  candidates: [{ ...candidates[0]!, decision: "link", code: "MT-130" }, ...candidates.slice(1)],
});
const doubtful = (...candidates: readonly Candidate[]): MatchVerdict => ({ ...verdictOf("review", null), candidates });

const patient = { resourceType: "Patient", name: [{ family: "Threlfall", given: ["Jane"] }], birthDate: "1980-05-23" };
const body = (...more: object[]) => ({
  resourceType: "Parameters",
  parameter: [{ name: "resource", resource: patient }, ...more],
});

type Entry = {
  readonly fullUrl: string;
  readonly resource: Resource;
  readonly search: {
    readonly score: number;
    readonly mode: string;
    readonly extension: readonly { readonly valueCode: string }[];
  };
};

async function asked(
  verdict: MatchVerdict,
  input: unknown = body(),
  more: { withVetoed?: boolean } = {},
  hidden = "-",
) {
  const seen: PersonChanges[] = [];
  const answer = await matchOperation(
    {
      matching: {
        match: async (fields) => {
          seen.push(fields);
          return verdict;
        },
      },
      read: async (ids) =>
        new Map(
          ids.filter((id) => id !== hidden).map((id): [string, Resource] => [id, { resourceType: "Patient", id }]),
        ),
    },
    input,
    more,
  );
  const entries = (answer.resource.entry ?? []) as Entry[];
  return { ...answer, seen, entries, grades: entries.map(({ search }) => search.extension[0]!.valueCode) };
}

describe("a bundle", () => {
  test("is a searchset with a grade and a score between 0 and 1 for each, the best first", async () => {
    const { status, resource, entries, grades } = await asked(linked(of("a", 30), of("b", 0.5), of("c", -1.9)));
    expect(status).toBe(200);
    expect(resource).toMatchObject({ resourceType: "Bundle", type: "searchset", total: 3 });
    expect(grades).toEqual(["certain", "possible", "possible"]);
    const scores = entries.map(({ search }) => search.score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
    expect(entries[0]).toMatchObject({
      fullUrl: "urn:uuid:a",
      resource: { id: "a" },
      search: {
        mode: "match",
        extension: [{ url: "http://hl7.org/fhir/StructureDefinition/match-grade", valueCode: "certain" }],
      },
    });
  });

  test("grades what would link but for another candidate as probable, and what looks like twins as possible", async () => {
    const { grades } = await asked(
      doubtful(of("a", 12, { decision: "link" }), of("b", 11), of("c", 10, { code: "MT-203" }), of("d", 0)),
    );
    expect(grades).toEqual(["probable", "probable", "possible", "possible"]);
  });

  test("leaves out what a veto or the threshold keeps apart; vetoes are shown as certainly not when asked for", async () => {
    const verdict = doubtful(
      of("a", 3),
      of("b", -9, { decision: "none", code: "MT-301" }),
      of("c", 20, { decision: "none", code: "MT-212" }),
    );
    expect((await asked(verdict)).grades).toEqual(["probable"]);
    const all = await asked(verdict, body(), { withVetoed: true });
    expect(all.grades).toEqual(["probable", "certainly-not"]);
    expect(all.entries.at(-1)!.search.score).toBe(0);
  });

  test("gives the probability of a calibrated model as the score", async () => {
    expect((await asked(doubtful(of("a", 3, { probability: 0.75 })))).entries[0]!.search.score).toBe(0.75);
  });

  test.each([
    [{ name: "count", valueInteger: 1 }, ["a"]],
    [{ name: "count", valueInteger: 2 }, ["a", "b"]],
    [{ name: "onlyCertainMatches", valueBoolean: true }, ["a"]],
    [{ name: "onlyCertainMatches", valueBoolean: false }, ["a", "b", "c"]],
  ])("keeps to %j", async (parameter, ids) => {
    const { entries } = await asked(linked(of("a", 30), of("b", 5), of("c", 0)), body(parameter));
    expect(entries.map(({ resource }) => resource.id)).toEqual(ids);
  });

  test("is empty where only certain matches are asked for and there is none", async () => {
    const onlyCertain = body({ name: "onlyCertainMatches", valueBoolean: true });
    expect(await asked(doubtful(of("a", 30)), onlyCertain)).toMatchObject({ status: 200, resource: { total: 0 } });
  });

  test("leaves out whom the caller does not show, without a gap in the count", async () => {
    const { entries, resource } = await asked(
      linked(of("a", 30), of("b", 5), of("c", 0)),
      body({ name: "count", valueInteger: 2 }),
      {},
      "a",
    );
    expect(entries.map(({ resource: one }) => one.id)).toEqual(["b", "c"]);
    expect(resource.total).toBe(2);
  });

  test.each(["R", "V"])("never tells where somebody of confidentiality %s is, even if the caller did", async (code) => {
    const told = { resourceType: "Patient", id: "a", birthDate: "1980", address: [{}], telecom: [{}], contact: [{}] };
    const { resource } = await matchOperation(
      {
        matching: { match: async () => linked(of("a", 30)) },
        read: async () => new Map([["a", { ...told, generalPractitioner: [{}], meta: { security: [{ code }] } }]]),
      },
      body(),
    );
    const [entry] = resource.entry as Entry[];
    expect(Object.keys(entry!.resource).toSorted()).toEqual(["birthDate", "id", "meta", "resourceType"]);
  });
});

describe("a request", () => {
  test("is read as the fields that matching compares: official name, home address, nothing old", async () => {
    const full = {
      resourceType: "Patient",
      identifier: [
        { system: "https://example.org/mrn", value: "1" },
        { system: "https://fhir.nhs.uk/Id/nhs-number", value: "9000001870" },
      ],
      name: [
        { use: "old", family: "Brookside", given: ["Jane"] },
        { use: "nickname", given: ["Janie"] },
        { use: "official", family: "Threlfall", given: ["Jane", "Ann", "May"] },
      ],
      birthDate: "1980-05-23",
      gender: "female",
      address: [
        { use: "old", postalCode: "LS1 4AP" },
        { use: "home", line: ["12 Mill Lane", "Norton"], city: "Taunton", postalCode: "TA3 7LD" },
      ],
      telecom: [
        { system: "phone", use: "home", value: "01632 960123" },
        { system: "email", value: "jane@threlfall.example" },
      ],
    };
    const { seen } = await asked(linked(of("a", 30)), {
      resourceType: "Parameters",
      parameter: [{ name: "resource", resource: full }],
    });
    expect(seen).toEqual([
      {
        nhsNumber: "9000001870",
        familyName: "Threlfall",
        givenName: "Jane",
        middleNames: "Ann May",
        birthDate: "1980-05-23",
        gender: "female",
        addressLine1: "12 Mill Lane",
        addressLine2: "Norton",
        town: "Taunton",
        postcode: "TA3 7LD",
        phone: "01632 960123",
        email: "jane@threlfall.example",
      },
    ]);
  });

  test("that tells too little is answered with an OperationOutcome", async () => {
    const verdict = { ...verdictOf("none", null), code: "MT-302", candidates: [] };
    expect(await asked(verdict)).toMatchObject({
      status: 422,
      resource: {
        resourceType: "OperationOutcome",
        issue: [{ severity: "error", code: "required", details: { coding: [{ code: "MT-302" }] } }],
      },
    });
  });

  test.each([
    ["is no Parameters", { resourceType: "Patient" }],
    ["has no Patient", { resourceType: "Parameters", parameter: [] }],
    [
      "has another resource",
      { resourceType: "Parameters", parameter: [{ name: "resource", resource: { resourceType: "Person" } }] },
    ],
    ["counts from nothing", body({ name: "count", valueInteger: 0 })],
    [
      "has a name that is none",
      { resourceType: "Parameters", parameter: [{ name: "resource", resource: { ...patient, name: "Zmarker" } }] },
    ],
  ])("that %s is refused, and nothing of it is in the answer", async (_, input) => {
    const { status, resource, seen } = await asked(linked(of("a", 30)), input);
    expect(status).toBe(400);
    expect(resource.resourceType).toBe("OperationOutcome");
    expect(JSON.stringify(resource)).not.toContain("Zmarker");
    expect(seen).toEqual([]);
  });
});
