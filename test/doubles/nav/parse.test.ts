// The double's readers under any input: what is written is read back, and nothing but a refusal comes out of nonsense.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NavRefusal } from "../../../doubles/nav/errors.ts";
import { etagOf, isEtag, shapeOf } from "../../../doubles/nav/odata/dialect.ts";
import { parseFilter } from "../../../doubles/nav/odata/filter.ts";
import { parseCriteria } from "../../../doubles/nav/soap/criteria.ts";
import { escapeXml, parseXml } from "../../../doubles/nav/soap/xml.ts";
import { tableOfSet } from "../../../doubles/nav/tables/catalogue.ts";
import { encodeMember, type Field, valueFromText } from "../../../doubles/nav/tables/fields.ts";

const patients = tableOfSet("patients")!;
const shape = shapeOf(patients, "api");
const fieldOf = (name: string): Field => patients.fields.find((field) => field.name === name)!;

/** Runs `work`, which may refuse but must not fail in any other way. */
function refusesAtMost(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(NavRefusal);
  }
}

describe("filters", () => {
  test("match a text that is quoted into them, and no other", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), (wanted, other) => {
        const filter = parseFilter(shape, `city eq '${wanted.replaceAll("'", "''")}'`);
        expect(filter.matches({ city: wanted })).toBe(true);
        expect(filter.matches({ city: other })).toBe(wanted === other);
      }),
    );
  });

  test("refuse nonsense and nothing worse", () => {
    const words = fc.constantFrom(
      "city",
      "number",
      "eq",
      "and",
      "or",
      "(",
      ")",
      "'x'",
      "contains",
      ",",
      "null",
      "a/any",
      "3",
      "'",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) =>
        refusesAtMost(() => parseFilter(shape, parts.join(" "))),
      ),
    );
    fc.assert(fc.property(fc.string(), (text) => refusesAtMost(() => parseFilter(shape, text))));
  });
});

describe("criteria", () => {
  test("match a quoted text whatever operators it holds", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 30 }), (text) => {
        const criteria = `'${text.replaceAll("'", "''")}'`;
        expect(parseCriteria(fieldOf("city"), criteria, "en-GB")(text)).toBe(true);
      }),
    );
  });

  test("refuse nonsense and nothing worse, for every type of field", () => {
    fc.assert(
      fc.property(fc.constantFrom(...patients.fields), fc.string(), (field, text) =>
        refusesAtMost(() => parseCriteria(field, text, "de-DE")("")),
      ),
    );
  });
});

describe("XML", () => {
  test("text is read back as it was escaped", () => {
    // Carriage returns and control characters have no literal form in XML.
    const printable = fc.string({ unit: "grapheme" }).filter((text) => !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(printable, (text) => {
        expect(parseXml(`<a>${escapeXml(text)}</a>`).text).toBe(text);
      }),
    );
  });

  test("nonsense is refused and nothing worse", () => {
    const pieces = fc.constantFrom(
      "<a>",
      "</a>",
      "<a/>",
      "&lt;",
      "&x;",
      "&",
      "<![CDATA[",
      "]]>",
      "<?x?>",
      "<!--",
      "-->",
      "t",
      '<b c="d">',
    );
    fc.assert(fc.property(fc.array(pieces), (parts) => refusesAtMost(() => parseXml(parts.join("")))));
  });
});

test("ETags of a record are well formed and never the same for two versions, in both dialects", () => {
  for (const dialect of [shape, shapeOf(patients, "page")]) {
    const etags = Array.from({ length: 2000 }, (_unused, version) =>
      etagOf(dialect, { id: "", version, values: { number: "P1" } }),
    );
    expect(new Set(etags).size).toBe(2000);
    expect(etags.every(isEtag)).toBe(true);
  }
});

test("option members come back from their wire form", () => {
  for (const field of [
    fieldOf("gender"),
    tableOfSet("journalLines")!.fields.find(({ name }) => name === "accountType")!,
  ]) {
    const members = field.type.kind === "option" ? field.type.members : [];
    expect(members.map((member) => valueFromText(field, encodeMember(member)))).toEqual(members);
  }
  expect(encodeMember("G/L Account")).toBe("G_x002F_L_x0020_Account");
});
