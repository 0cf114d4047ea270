// A rule pack tried on one message: what it would decide, shown to whoever may see it, and without any effect.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adt, testNhsNumber } from "./adt.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { nationally, noon, type Telling, tellingOf } from "./telling.ts";

const demo = readFileSync("resources/rules/demographics.yaml", "utf8");
const strict = readFileSync("resources/rules/strict.yaml", "utf8");

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());

const stella = person("stella", "steward");
const ian = person("ian", "integration-engineer");

type Row = { readonly field: string; readonly verdict: string; readonly code: string } & Record<string, unknown>;
type Tried = {
  readonly whom?: string;
  readonly news?: string;
  readonly decided?: {
    readonly pack: { readonly version: string };
    readonly person: { readonly stance: string };
    readonly ask?: { readonly queue: string; readonly roles: readonly string[]; readonly quorum: number };
    readonly rows: readonly Row[];
  };
};
const attempt = (body: object, as = stella) =>
  site.call<Tried>("POST", "/rules/demographics/try", { text: demo, ...body }, as);
const rowOf = ({ decided }: Tried, field: string) => decided?.rows.find((row) => row.field === field);
const says = (mrn: string, nhsNumber: string, more: object = {}) =>
  adt({ event: "A31", controlId: `${mrn}-T`, at: noon + 60_000, person: { mrn, nhsNumber, ...more } })
    .toString()
    .replaceAll("\r", "\n");

describe("a message tried on a rule pack", () => {
  const nhsNumber = testNhsNumber(8_810);
  beforeAll(async () => {
    await site.pds.know(nationally(nhsNumber, { familyName: "Brookside" }));
    await t.register({ mrn: "RT1", nhsNumber, addressLine1: "1 Lock Row" });
  });

  it("shows a steward each field on three sides, with reason, verdict and who would have to approve", async () => {
    const tried = await attempt({ message: says("RT1", nhsNumber, { familyName: "Brookside" }), asksNationally: true });
    expect(tried).toMatchObject({ whom: "known", news: "changed", decided: { person: { stance: "found" } } });
    expect(rowOf(tried, "familyName")).toMatchObject({
      current: expect.any(String),
      proposed: "Brookside",
      national: "Brookside",
      verdict: "approve",
      code: "RC-401",
    });
    expect(tried.decided?.ask).toMatchObject({
      roles: expect.arrayContaining(["approver"]),
      quorum: expect.any(Number),
    });
  });

  it("does not ask the national service unless it is told to, and says so", async () => {
    const before = await site.pds.ledger();
    const tried = await attempt({ message: says("RT1", nhsNumber, { familyName: "Brookside" }) });
    expect(tried.decided?.person.stance).toBe("unasked");
    expect(rowOf(tried, "familyName")).not.toHaveProperty("national");
    expect(await site.pds.ledger()).toEqual(before);
  });

  it("has no effect: nothing is asked, written, or known afterwards that was not before", async () => {
    const [known, record] = [await t.known("RT1"), (await site.nav.patientsBy("RT1"))[0]];
    const counts = async () =>
      site.db.query({
        text: "select (select count(*) from saga.instance) as sagas, (select count(*) from work.item) as items, (select count(*) from writeback.change) as requests",
      });
    const before = await counts();
    await attempt({ message: says("RT1", nhsNumber, { addressLine1: "9 Trial Row" }), asksNationally: true });
    await attempt({ message: says("RT-NEW", testNhsNumber(8_820)) });
    expect(await counts()).toEqual(before);
    expect([await t.known("RT1"), (await site.nav.patientsBy("RT1"))[0]]).toEqual([known, record]);
    expect(await t.known("RT-NEW")).toBeUndefined();
  });

  it("shows an engineer the verdicts and no value, and lets nobody else than readers of persons ask nationally", async () => {
    const message = says("RT1", nhsNumber, { familyName: "Brookside" });
    const tried = await attempt({ message }, ian);
    expect(rowOf(tried, "familyName")).toEqual({
      field: "familyName",
      verdict: "approve",
      code: expect.any(String),
      risk: expect.any(String),
      stance: "unknown",
    });
    await expect(attempt({ message, asksNationally: true }, ian)).rejects.toThrow("ACCESS_REFUSED");
    await expect(attempt({ message }, person("olga", "operator"))).rejects.toThrow("ACCESS_REFUSED");
  });

  it("is decided by the text that is given, on what was decided on then where it is a journey's", async () => {
    const { id: journeyId } = await site.journey("RT1-0");
    const [mild, hard] = [await attempt({ journeyId }), await attempt({ journeyId, text: strict })];
    expect([mild.decided?.pack.version, hard.decided?.pack.version]).toEqual(["1", "strict-1"]);
    expect(mild.decided?.ask).toBeUndefined();
    expect(rowOf(mild, "addressLine1")).toMatchObject({ current: null, proposed: "1 Lock Row", verdict: "apply" });
  });

  it.each<[string, object, string]>([
    ["neither a message nor a journey", {}, "REQUEST_INVALID"],
    ["both", { message: "MSH|", journeyId: "01890a5d-ac96-774b-bcce-b302099a8057" }, "REQUEST_INVALID"],
    [
      "a journey in which nothing was decided",
      { journeyId: "01890a5d-ac96-774b-bcce-b302099a8057" },
      "RULES_NOT_ASKED",
    ],
    ["what is no message", { message: "hello" }, "HL7_NO_HEADER"],
    ["a text that is no pack", { text: "a: 1", message: "MSH|" }, "RULES_INVALID"],
  ])("refuses %s with a code", async (_, body, code) => {
    await expect(attempt(body)).rejects.toThrow(code);
  });
});
