// What is shown of a message where nobody may learn where somebody is: only what is known not to tell it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withoutWhereabouts } from "../../src/gateway/withhold.ts";

const HL7 = "x-application/hl7-v2+er7";
const PLANTED = "Hiddenrow";
const cut = (text: string, type = HL7) => {
  const { body, withheld } = withoutWhereabouts(Buffer.from(text), type);
  return { text: body.toString(), withheld };
};
const MSH = "MSH|^~\\&|PAS|RXX|HUB|RXX|20260105093000||ADT^A28|C1|P|2.4";

describe("a message", () => {
  test("keeps its header, identifiers, name, birth and sex, and the shape of the rest", () => {
    const pid = `PID|1||M1^^^RXX^MR||Ashdown^Ada||19800101|F||W|1 ${PLANTED}^^Town^^ZZ99 3VZ||01632960001|||`;
    const { text, withheld } = cut(`${MSH}\r${pid}\rNK1|1|${PLANTED}\rPD1|||${PLANTED}`);
    expect(withheld).toBe("whereabouts");
    expect(text.split("\r")).toEqual([
      MSH,
      "PID|1||M1^^^RXX^MR||Ashdown^Ada||19800101|F||•••|•••||•••|||",
      "NK1|•••|•••",
      "PD1|||•••",
    ]);
  });

  test("keeps what is ordered of whom, and not where to, of an order of stock", () => {
    const segments = `PV1||I|${PLANTED}\rORC|NW|R-1||||||||by|${PLANTED}\rRQD|1|GLV-M^Gloves|||12|BX|CC1|A1|${PLANTED}|20260801\rRQ1||||BRAE-1`;
    const { text } = cut(`${MSH}\r${segments}`);
    expect(text.split("\r").slice(1)).toEqual([
      "PV1||•••|•••",
      "ORC|NW|R-1||||||||•••|•••",
      "RQD|1|GLV-M^Gloves|||12|BX|CC1|A1|•••|20260801",
      "RQ1||||BRAE-1",
    ]);
  });

  test("shows nothing of a line that is no segment, nor of bytes without a separator", () => {
    expect(cut(`${MSH}\rPID|1||M1\n${PLANTED} 7|x`).text).toBe(`${MSH}\rPID|1||M1\r•••`);
    for (const text of [`PID|||${PLANTED}`, "MSH", `MSHA${PLANTED}`, "", PLANTED])
      expect(cut(text)).toEqual({ text: "", withheld: "everything" });
  });

  test("as JSON loses whereabouts and comments wherever they stand, and is nothing where it is no JSON", () => {
    const said = { fields: { familyName: "A", postcode: PLANTED }, raw: { phone: PLANTED }, comment: PLANTED };
    expect(cut(JSON.stringify(said), "application/vnd.lockgate.x+json").text).toBe(
      '{"fields":{"familyName":"A"},"raw":{}}',
    );
    expect(cut(`{"postcode":"${PLANTED}`, "application/json")).toEqual({ text: "", withheld: "everything" });
    expect(cut(PLANTED, "text/plain")).toEqual({ text: "", withheld: "everything" });
  });

  test("never shows what stands in any other field, whatever the segments", () => {
    const name = fc.constantFrom("PID", "PV1", "NK1", "PD1", "ZPI", "OBX", "MRG");
    const field = fc.integer({ min: 9, max: 28 });
    const separator = fc.constantFrom("|", "#", "*", "$");
    fc.assert(
      fc.property(name, field, separator, (segment, at, sep) => {
        const fields = Array.from({ length: 30 }, (_, index) => (index + 1 === at ? PLANTED : "x"));
        const text = `MSH${sep}^~\\&${sep}PAS\r${[segment, ...fields].join(sep)}`;
        expect(cut(text).text).not.toContain(PLANTED);
      }),
    );
  });
});
