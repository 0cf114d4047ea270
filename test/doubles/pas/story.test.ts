// The hospital's story: the same for a seed, something of everything at once, and nobody in it like anybody real.

import { describe, expect, it } from "vitest";
import { nhsCheckDigit } from "#canonical/rules";
import { parse } from "#formats/hl7v2";
import { MOST_PEOPLE, messageOf, OPENING_SCENES, openStory, type Scene } from "../../../doubles/pas/index.ts";

const NOW = Date.UTC(2026, 5, 1);
const SCENES = 2_000;

const scenesOf = (seed: number, count = SCENES): Scene[] => {
  const story = openStory(seed);
  return Array.from({ length: count }, () => story.next());
};
const patientsOf = (scenes: readonly Scene[]) => scenes.flatMap(({ saying }) => (saying ? [saying.patient] : []));
const countOf = (scenes: readonly Scene[], name: Scene["name"]) => scenes.filter((one) => one.name === name).length;

describe("the story", () => {
  it("is the same at every telling of one seed, and another one of another", () => {
    expect(scenesOf(7)).toEqual(scenesOf(7));
    expect(scenesOf(8, 40)).not.toEqual(scenesOf(7, 40));
    const [one, another] = [7, 8].map((seed) => new Set(patientsOf(scenesOf(seed)).map(({ nhsNumber }) => nhsNumber)));
    expect([...one!].filter((number) => another!.has(number))).toEqual([]);
  });

  it("opens with something of everything that somebody has to look at", () => {
    const opening = new Set(scenesOf(1, OPENING_SCENES).map(({ name }) => name));
    for (const name of [
      "arrives",
      "moves",
      "marries",
      "is renamed here alone",
      "looks like somebody",
      "has a code nobody knows",
      "is born on an impossible day",
      "was entered twice",
    ] as const)
      expect(opening, name).toContain(name);
    expect(countOf(scenesOf(1, OPENING_SCENES + 20), "the ERP is slow")).toBe(1);
  });

  it("asks people the more rarely the more it asked, and never ends for want of people", () => {
    const scenes = scenesOf(1, 6_000);
    const asking = (part: readonly Scene[]) => countOf(part, "marries") + countOf(part, "looks like somebody");
    expect(asking(scenes.slice(0, 500))).toBeGreaterThan(10);
    expect(asking(scenes.slice(-500))).toBeLessThan(asking(scenes.slice(0, 500)) / 3);
    expect(countOf(scenes.slice(-500), "moves")).toBeGreaterThan(100);
    expect(new Set(patientsOf(scenes).map(({ mrn }) => mrn)).size).toBeLessThanOrEqual(MOST_PEOPLE);
  });
});

describe("the people of the story", () => {
  it("have numbers of the test range, postcodes of no area, telephones of no exchange, and names of two words in one", () => {
    const patients = [1, 2, 499].flatMap((seed) => patientsOf(scenesOf(seed)));
    expect(patients.length).toBeGreaterThan(5_000);
    for (const { nhsNumber, home, phone, familyName } of patients) {
      expect(nhsNumber).toMatch(/^999\d{7}$/);
      expect(nhsCheckDigit(nhsNumber.slice(0, 9))).toBe(Number(nhsNumber[9]));
      expect(home.postcode).toMatch(/^ZZ\d{1,2} \d[A-Z]{2}$/);
      expect(phone).toMatch(/^01632960\d{3}$/);
      expect(familyName).toMatch(
        /^(Amber|Bramble|Copper|Dapple|Ember|Fennel|Gable|Hollow|Ivory|Juniper|Kestrel|Lantern|Marble|Nettle|Otter|Pebble|Quill|Saffron|Thimble|Umber|Velvet|Willow|Yarrow)[a-z]{2,}$/,
      );
    }
  });

  it("each have a number and an identifier of their own", () => {
    const arrived = scenesOf(3).flatMap(({ name, saying }) => (name.startsWith("arrives") ? [saying!.patient] : []));
    expect(new Set(arrived.map(({ nhsNumber }) => nhsNumber)).size).toBe(arrived.length);
    expect(new Set(arrived.map(({ mrn }) => mrn)).size).toBe(arrived.length);
  });
});

describe("what the hospital says", () => {
  it("is HL7 that any channel can read, of the instant at which it is said", () => {
    for (const { saying } of scenesOf(1, 300)) {
      if (!saying) continue;
      const message = parse(messageOf(saying, "PAS1-1", NOW));
      expect(message.get("MSH-10")).toBe("PAS1-1");
      expect(message.get("EVN-2")).toBe("20260601000000.000+0000");
      expect(message.get("PID-3.1")).toBe(saying.patient.mrn);
    }
  });

  it("tells of a death a week before", () => {
    const death = scenesOf(1, 6_000).find(({ name }) => name === "dies");
    expect(death?.national?.isDead).toBe(true);
    expect(parse(messageOf(death!.saying!, "PAS1-1", NOW)).get("PID-29")).toBe("20260525");
  });
});
