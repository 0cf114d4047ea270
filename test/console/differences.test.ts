// What a mended message changes, as whoever decides reads it.

import { describe, expect, it } from "vitest";
import { differencesOf } from "../../console/src/pages/dead-letters/differences.ts";

const ORIGINAL = "MSH|^~\\&|PAS\rPID|1||M1||Ashdown^Ada||19801402\rNK1|1|Bo\rNK1|2|Cy\r";

describe("the differences of a mended message", () => {
  it("are each field with what it was and what it becomes, in whichever segment of its name", () => {
    const proposed = ORIGINAL.replace("19801402", "19800214").replace("Cy", "Di").replaceAll("\r", "\n");
    expect(differencesOf(ORIGINAL, proposed, ["PID-7", "NK1[2]-2"])).toEqual([
      { place: "PID-7", name: "Date of birth", before: "19801402", after: "19800214" },
      { place: "NK1[2]-2", name: undefined, before: "Cy", after: "Di" },
    ]);
    expect(differencesOf(ORIGINAL, ORIGINAL)).toEqual([]);
  });

  it("say of a field that came or went that it is not there", () => {
    const places = differencesOf(ORIGINAL, ORIGINAL.replace("NK1|2|Cy\r", "").replace("PAS", "PAS|RXX"));
    expect(places).toEqual([
      { place: "NK1[2]-1", name: undefined, before: "2", after: undefined },
      { place: "NK1[2]-2", name: undefined, before: "Cy", after: undefined },
      { place: "MSH-4", name: "Sending facility", before: undefined, after: "RXX" },
    ]);
  });

  it("tell that something hidden is changed, without what it is", () => {
    const hidden = ORIGINAL.replace("M1", "•••");
    expect(differencesOf(hidden, hidden, ["PID-3"])).toEqual([
      { place: "PID-3", name: "Identifiers", before: "•••", after: "•••" },
    ]);
  });

  it("are the whole text where it is no message of segments", () => {
    expect(differencesOf("garbage", ORIGINAL).map(({ place }) => place)).toContain("message");
  });
});
