// Persons who come under another identifier: linked where it is clear, a steward's where it is not, and never made twice.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Item } from "#engine/work";
import { until } from "../until.ts";
import { type Adt, adt, type Spoken, testNhsNumber } from "./adt.ts";
import { spokenAs } from "./faces.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { nationally, noon, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());

const stella = person("Stella", "steward");
const home = "12 Mill Row";

/** What a steward is shown of a match. */
type Shown = Item & {
  readonly content: {
    readonly code: string;
    readonly said: string;
    readonly statement: { readonly fields: Record<string, unknown> };
    readonly candidates: readonly {
      readonly place: number;
      readonly fields: Record<string, unknown>;
      readonly weight: number;
      readonly prior: number;
      readonly kinship: number;
      readonly reasons: readonly { readonly said: string; readonly weight: number }[];
    }[];
    readonly wentStale?: boolean;
  };
};

/** The one open question of a journey. */
async function question(key: string): Promise<Shown> {
  expect((await site.settled(key)).state).toBe("waiting");
  const [asked] = await site.asked(key);
  return (await site.show(asked!.id, stella)) as Shown;
}

/** Another question of a journey than `before`. */
async function askedAgain(key: string, before: Pick<Item, "id">): Promise<Shown> {
  await until(async () => (await site.asked(key)).some(({ id }) => id !== before.id));
  return question(key);
}

/** Registers `one`, and says of `mrn` the same but for `more`. @returns the control id of the second message */
async function alike(one: string, mrn: string, more: Partial<Spoken> = {}): Promise<string> {
  await t.register({ mrn: one, addressLine1: home });
  return t.update({ ...spokenAs(one), mrn, addressLine1: home, ...more }, 1, "A28");
}

const twinOf = (mrn: string): Partial<Spoken> => ({ givenName: spokenAs(`${mrn}-twin`).givenName });

describe("a clear match", () => {
  it("links a known person who comes under another identifier, and makes no second record", async () => {
    const key = await alike("CL1", "CL2", { phone: "01632960861" });
    expect(await t.ended(key)).toBe("applied");
    expect((await t.known("CL2")).id).toBe((await t.known("CL1")).id);
    expect(await site.nav.patientsBy("CL2")).toEqual([]);
    expect(await site.nav.patientsBy("CL1")).toMatchObject([{ phoneNumber: expect.stringMatching("960861") }]);
    const matched = (await t.leaves(key)).find(({ name }) => name === "matched");
    expect(matched).toMatchObject({ outcome: "linked", code: expect.stringMatching(/^MT-1/) });
    expect(matched?.detail).toMatchObject({ weight: expect.any(Number), model: expect.stringContaining("uk") });
    expect(JSON.stringify(matched)).not.toMatch(/Mill|Ashdown/);
  });

  it("makes one person of two who arrive at one moment under two identifiers", async () => {
    const people = Array.from({ length: 12 }, (_, index) => `SP${index}`);
    const sender = site.hospital(8);
    await Promise.all(
      people.flatMap((one) =>
        ["A", "B"].map((side) =>
          sender.send(
            adt({
              event: "A28",
              controlId: `${one}${side}`,
              at: noon,
              person: { ...spokenAs(one), mrn: `${one}${side}`, addressLine1: home },
            }),
          ),
        ),
      ),
    );
    for (const one of people) for (const side of ["A", "B"]) await site.settled(`${one}${side}`, 60_000);
    const records = await site.nav.patients();
    for (const one of people) {
      expect((await t.known(`${one}A`)).id).toBe((await t.known(`${one}B`)).id);
      expect(records.filter(({ mrn }) => mrn === `${one}A` || mrn === `${one}B`)).toHaveLength(1);
    }
  });
});

describe("an unclear match", () => {
  it("asks a steward with the candidates and their weights, while other patients' messages flow", async () => {
    const key = await alike("UN1", "UN2", twinOf("UN1"));
    const item = await question(key);
    expect(item).toMatchObject({
      queue: "match-steward",
      reason: "MT-203",
      criticality: "high",
      excluded: ["test:PAS|RXX"],
    });
    expect(item.actions.map(({ name }) => name)).toEqual(["link:1", "new"]);
    const { statement, candidates, said } = item.content;
    expect(said).not.toBe("");
    expect(statement.fields).toMatchObject({ addressLine1: home });
    expect(candidates).toMatchObject([
      { place: 1, fields: { addressLine1: home, givenName: spokenAs("UN1").givenName } },
    ]);
    const { prior, kinship, reasons, weight } = candidates[0]!;
    expect(reasons.reduce((sum, one) => sum + one.weight, prior + kinship)).toBeCloseTo(weight, 6);
    for (const { said: words } of reasons) expect(words).toMatch(/[a-z]{4}/);
    for (const word of [home, ...Object.values(spokenAs("UN1"))]) expect(item.title).not.toContain(word);

    await t.register({ mrn: "UN3", addressLine1: "3 Free Row" });
    const later = await t.update({ ...spokenAs("UN1"), ...twinOf("UN1"), mrn: "UN2", addressLine1: "14 Mill Row" }, 2);
    expect(await site.nav.patientsBy("UN2")).toEqual([]);
    await site.decide(item, "new", stella);
    expect(await t.ended(key)).toBe("applied");
    expect(await t.ended(later)).toBe("applied");
    expect(await site.nav.patientsBy("UN2")).toMatchObject([{ addressLine1: "14 Mill Row" }]);
  });

  it("is not an approver's to decide, and whoever asks why is told so though the policies alone would permit it", async () => {
    const { id } = await question(await alike("WY1", "WY2", twinOf("WY1")));
    const asked = { action: "work.decide", item: id, secondFactor: true, withReason: false };
    const why = (roles: readonly string[]) =>
      site.call("POST", "/access/explain", { ...asked, who: "test:Ann", roles }, person("Ada", "auditor"));
    expect(await why(["approver"])).toMatchObject({
      allowed: false,
      permits: [{ id: "demographics-work" }],
      item: { obstacle: "role", decidedBy: ["steward"] },
    });
    expect(await why(["steward"])).toMatchObject({ allowed: true, item: { decidedBy: ["steward"] } });
  });

  it("is written to the linked person's record, once, when a steward links", async () => {
    const key = await alike("LK1", "LK2", twinOf("LK1"));
    await site.decide(await question(key), "link:1", stella);
    // Another given name is itself a change that a person decides on.
    await until(async () => (await site.asked(key)).some(({ queue }) => queue !== "match-steward"));
    const [{ id }] = [await t.known("LK2")];
    expect(id).toBe((await t.known("LK1")).id);
    expect(await site.nav.patientsBy("LK2")).toEqual([]);
    expect(await site.nav.patientsBy("LK1")).toHaveLength(1);
    const matched = (await t.leaves(key)).filter(({ name }) => name === "matched");
    expect(matched).toMatchObject([{ outcome: "review" }, { outcome: "linked", code: "MT-203", actor: "test:Stella" }]);
  });

  it("makes somebody new when a steward says so, and never asks about these two again", async () => {
    const key = await alike("NW1", "NW2", twinOf("NW1"));
    await site.decide(await question(key), "new", stella);
    expect(await t.ended(key)).toBe("applied");
    expect((await t.known("NW2")).id).not.toBe((await t.known("NW1")).id);
    expect(await site.nav.patientsBy("NW2")).toHaveLength(1);
    for (const [n, mrn] of ["NW1", "NW2"].entries()) {
      const more = mrn === "NW2" ? twinOf("NW1") : {};
      const again = await t.update({ ...spokenAs("NW1"), ...more, mrn, addressLine1: "15 Mill Row" }, n + 3);
      expect(await t.ended(again)).toBe("applied");
      expect(await site.asked(again)).toEqual([]);
    }
  });

  it("is asked again when what was shown has changed, and the first answer does nothing", async () => {
    const key = await alike("ST1", "ST2", twinOf("ST1"));
    const item = await question(key);
    expect(await t.ended(await t.update({ mrn: "ST1", addressLine1: home, phone: "01632960891" }, 5))).toBe("applied");
    await site.decide(item, "link:1", stella);
    const again = await askedAgain(key, item);
    expect(again.content).toMatchObject({
      wentStale: true,
      candidates: [{ fields: { phone: expect.stringMatching("960891") } }],
    });
    expect(await t.known("ST2")).toBeUndefined();
    await site.decide(again, "new", stella);
    expect(await t.ended(key)).toBe("applied");
  });
});

describe("people who are alike and are not one", () => {
  it.each([
    ["twins", "TW", (mrn: string) => twinOf(mrn), "MT-203"],
    ["a father and a son of one name", "FS", (mrn: string) => bornLater(mrn), "MT-204"],
  ] as const)("%s are never linked without a steward", async (_, prefix, differing, code) => {
    const key = await alike(`${prefix}1`, `${prefix}2`, differing(`${prefix}1`));
    const item = await question(key);
    expect(item.reason).toBe(code);
    await site.decide(item, "new", stella);
    expect(await t.ended(key)).toBe("applied");
    expect((await t.known(`${prefix}2`)).id).not.toBe((await t.known(`${prefix}1`)).id);
  });

  it("a twin on whose form the other's number was written becomes a person without that number", async () => {
    const nhsNumber = testNhsNumber(410_000);
    await t.register({ mrn: "TN1", nhsNumber, addressLine1: home });
    const twin = { ...spokenAs("TN1"), ...twinOf("TN1"), mrn: "TN2", nhsNumber, addressLine1: home };
    const key = await t.update(twin, 1, "A28");
    const item = await question(key);
    expect(item.queue).toBe("match-steward");
    await site.decide(item, "new", stella);
    await site.settled(key);
    expect((await t.known("TN2")).fields).not.toHaveProperty("nhsNumber");
    expect((await t.known("TN1")).fields).toMatchObject({ nhsNumber: { value: nhsNumber } });
  });
});

it("tells nobody where a restricted candidate lives", async () => {
  const nhsNumber = testNhsNumber(411_000);
  await site.pds.know(nationally(nhsNumber, { restricted: true }));
  const marker = "Hushmarker";
  await t.update({ mrn: "HU1", nhsNumber, addressLine1: `7 ${marker} Row`, phone: "01632960871" }, 0, "A28");
  await site.settled("HU1-0");
  const twin: Adt["person"] = {
    ...spokenAs("HU1"),
    ...twinOf("HU1"),
    mrn: "HU2",
    nhsNumber,
    addressLine1: `7 ${marker} Row`,
    phone: "01632960871",
  };
  const key = await t.update(twin, 1, "A28");
  const item = await question(key);
  expect(item.queue).toBe("match-steward");
  expect(item.content.candidates).toMatchObject([{ restricted: true }]);
  expect(JSON.stringify(item)).not.toMatch(new RegExp(`${marker}|960871`, "i"));
  expect(JSON.stringify(await t.leaves(key))).not.toMatch(new RegExp(marker, "i"));
  expect(await site.log()).not.toMatch(new RegExp(marker, "i"));
});

/** The same day of another year, a generation later. */
function bornLater(mrn: string): Partial<Spoken> {
  const { birthDate } = spokenAs(mrn);
  return { birthDate: `${Number(birthDate.slice(0, 4)) + 31}${birthDate.slice(4)}` };
}
