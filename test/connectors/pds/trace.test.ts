// The unattended trace: what is asked for, and that nothing but the one exact person is a match.

import { afterEach, describe, expect, test } from "vitest";
import type { NationalQuery } from "#canonical/contracts";
import { agrees, confirmationOf, searchOf } from "../../../src/connectors/pds/trace.ts";
import type { Said } from "../nav/peer.ts";
import { asJson, context, nhsNumber, otherNumber, outcome, patient, pdsAt, pdsPeer, requestId, told } from "./peer.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const query: NationalQuery = { familyName: "O'Wren", givenName: "Alba", birthDate: "1980-05-17", postcode: "LS1 6AE" };
const hit = (resource: unknown = patient, score: unknown = 1) => ({ search: { score }, resource });
const bundle = (...entry: unknown[]): Said => asJson(200, { resourceType: "Bundle", total: entry.length, entry });

async function traced(said: Said, asking: NationalQuery = query) {
  const peer = await pdsPeer(() => said);
  closers.push(() => peer.close());
  const pds = pdsAt(peer.port);
  closers.push(() => pds.close());
  return { peer, answer: pds.trace(asking, requestId, context()) };
}

describe("the search", () => {
  const fixed = "_fuzzy-match=false&_exact-match=false&_history=true&_max-results=1";
  test.each<[Partial<NationalQuery>, string]>([
    [{}, "family=O'Wren&given=Alb%2A&birthdate=eq1980-05-17&address-postalcode=LS%2A"],
    [
      { familyName: "Smith & Söhne" },
      "family=Smith%20%26%20S%C3%B6hne&given=Alb%2A&birthdate=eq1980-05-17&address-postalcode=LS%2A",
    ],
    [
      { givenName: "Jo", postcode: "m1 1aa" },
      "family=O'Wren&given=Jo%2A&birthdate=eq1980-05-17&address-postalcode=M1%2A",
    ],
    [{ givenName: "D'Arcy" }, "family=O'Wren&birthdate=eq1980-05-17&address-postalcode=LS%2A"],
    [{ givenName: "J", postcode: "ZZ99 3VZ" }, "family=O'Wren&birthdate=eq1980-05-17"],
    [{ givenName: undefined, postcode: "anywhere", gender: "female" }, "family=O'Wren&birthdate=eq1980-05-17"],
  ])("is for the beginnings of given name and postcode, and never fuzzy: %#", (more, expected) => {
    expect(searchOf({ ...query, ...more })).toBe(`${fixed}&${expected}`);
  });

  test.each<[Partial<NationalQuery>, string]>([
    [{ familyName: "O'W*" }, "familyName"],
    [{ familyName: " - " }, "familyName"],
    [{ givenName: "Al*" }, "givenName"],
    [{ birthDate: "1980-05" }, "birthDate"],
    [{ birthDate: "1980-02-30" }, "birthDate"],
    [{ birthDate: "1980-05-17T00:00:00Z" }, "birthDate"],
  ])("is refused for what would have to be guessed: %#", async (more, at) => {
    const { peer, answer } = await traced(bundle(), { ...query, ...more });
    await expect(answer).rejects.toMatchObject({ code: "NATIONAL_REFUSED", at });
    expect(peer.calls()).toEqual([]);
  });
});

describe("a trace whose search is scored below 1, as for its wildcards", () => {
  const exactly = "_fuzzy-match=false&_exact-match=true&_history=false&_max-results=1";
  async function confirmed(first: Said, second: Said, asking: NationalQuery = query) {
    const peer = await pdsPeer(({ url }) => (url.includes("_exact-match=true") ? second : first));
    closers.push(() => peer.close());
    const pds = pdsAt(peer.port);
    closers.push(() => pds.close());
    const ask = () => pds.trace(asking, requestId, context());
    return { peer, ask };
  }
  const rough = bundle(hit(patient, 0.9025));

  test("finds the person when the whole of what was asked for is an exact match of the same record", async () => {
    const { peer, ask } = await confirmed(rough, bundle(hit()));
    expect(await ask()).toMatchObject({ outcome: "found", record: { nhsNumber } });
    await ask();
    expect(peer.calls()[1]?.url).toBe(
      `/FHIR/R4/Patient?${exactly}&family=O'Wren&given=Alba&birthdate=eq1980-05-17&address-postalcode=LS1%206AE`,
    );
    const ids = peer.calls().map(({ headers }) => headers["x-request-id"]);
    expect([ids[2], ids[3]]).toEqual([ids[0], ids[1]]);
    expect(new Set(ids).size).toBe(2);
  });

  test.each<[string, Said]>([
    ["nobody", bundle()],
    ["too many", outcome(200, "TOO_MANY_MATCHES")],
    ["somebody else", bundle(hit({ ...patient, id: otherNumber }))],
    ["a rough match once more", bundle(hit(patient, 0.9999))],
    ["a hit without a score", bundle({ resource: patient })],
  ])("has a candidate and no match when that is %s", async (_what, second) => {
    expect(await (await confirmed(rough, second)).ask()).toEqual({ outcome: "several" });
  });

  test("asks no more about a hit that does not agree", async () => {
    const { peer, ask } = await confirmed(bundle(hit({ ...patient, birthDate: "1980-05-18" }, 0.9)), bundle(hit()));
    expect(await ask()).toEqual({ outcome: "several" });
    expect(peer.calls()).toHaveLength(1);
  });

  test("fails as the confirmation does", async () => {
    const { ask } = await confirmed(rough, outcome(429, "TOO_MANY_REQUESTS", { "retry-after": "2" }));
    await expect(ask()).rejects.toMatchObject({ code: "NATIONAL_THROTTLED", retryAfterMs: 2_000 });
  });

  test("leaves a postcode that stands for no place out of the confirmation", () => {
    expect(confirmationOf({ ...query, postcode: "ZZ99 3VZ" })).toBe(
      `${exactly}&family=O'Wren&given=Alba&birthdate=eq1980-05-17`,
    );
  });
});

describe("a trace", () => {
  test("finds the one person that fits exactly, with a version to update", async () => {
    const { peer, answer } = await traced(bundle(hit()));
    expect(await answer).toEqual({
      outcome: "found",
      record: { nhsNumber, version: 'W/"4"', restricted: false, fields: told },
    });
    expect(peer.calls()[0]).toMatchObject({ method: "GET", url: `/FHIR/R4/Patient?${searchOf(query)}` });
    expect(peer.calls()[0]?.headers["x-request-id"]).toBe(requestId);
  });

  test.each<[string, Said, string]>([
    ["nobody", bundle(), "none"],
    ["nobody, without a list", asJson(200, { resourceType: "Bundle", total: 0 }), "none"],
    ["too many, as a success", outcome(200, "TOO_MANY_MATCHES"), "several"],
    ["too many, as an error", outcome(400, "TOO_MANY_MATCHES"), "several"],
    ["two", bundle(hit(), hit({ ...patient, id: otherNumber })), "several"],
    ["one of two", asJson(200, { resourceType: "Bundle", total: 2, entry: [hit()] }), "several"],
    ["one that fits roughly", bundle(hit(patient, 0.965)), "several"],
    ["one without a score", bundle({ resource: patient }), "several"],
    ["one whose score is a text", bundle(hit(patient, "1")), "several"],
    [
      "a withdrawn record",
      bundle(hit({ ...patient, meta: { versionId: "4", security: [{ code: "REDACTED" }] } })),
      "invalidated",
    ],
  ])("of %s is no match", async (_whom, said, expected) => {
    expect(await (await traced(said)).answer).toEqual({ outcome: expected });
  });

  test.each<[string, Said]>([
    ["a hit without a person", bundle({ search: { score: 1 } })],
    ["a person instead of a list", asJson(200, patient)],
    ["a list that breaks its word", asJson(200, { resourceType: "Bundle", total: 1 })],
    ["a warning", outcome(200, "not-supported")],
  ])("cannot be read from %s", async (_what, said) => {
    await expect((await traced(said)).answer).rejects.toMatchObject({ code: "NATIONAL_BAD_ANSWER" });
  });
});

describe("a hit", () => {
  const name = (more: object) => ({ name: [{ ...patient.name[1], ...more }] });
  test.each<[string, Partial<NationalQuery>, object, boolean]>([
    ["as asked for", {}, {}, true],
    ["in other letters of the same names", { familyName: "OWREN", givenName: "ALBA" }, {}, true],
    ["whose given name is longer", { givenName: "Alb" }, {}, true],
    ["whose given name goes on differently", { givenName: "Albert" }, {}, true],
    ["whose given name is another", { givenName: "Anna" }, {}, false],
    ["whose given name is not told", {}, name({ given: undefined }), false],
    ["asked for without a given name", { givenName: undefined }, {}, false],
    ["by a former family name", { familyName: "Lark" }, {}, false],
    ["without a name", {}, { name: undefined }, false],
    ["born another day", { birthDate: "1980-05-18" }, {}, false],
    ["of which the birth date is partial", {}, { birthDate: "1980-05" }, false],
    ["of another gender", { gender: "male" }, {}, false],
    ["of the same gender", { gender: "female" }, {}, true],
    ["of an unknown gender", { gender: "male" }, { gender: "unknown" }, true],
    ["asked for without a gender", { gender: "unknown" }, {}, true],
    ["who has moved", { postcode: "LS9 9ZZ" }, {}, true],
  ])("%s agrees or does not", (_how, more, held, expected) => {
    expect(agrees({ ...query, ...more }, { ...patient, ...held }, "2026-06-01")).toBe(expected);
  });
});
