// Survivorship: what the golden record holds of what several say, and what each of two who part takes along.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { part } from "../../src/services/demographics/links/part.ts";
import type { Before } from "../../src/services/demographics/links/store.ts";
import { type KnownFields, type Said, valuesOf } from "../../src/services/demographics/person.ts";
import type { Spoken } from "../../src/services/demographics/spoken/store.ts";
import { type Choice, lifelong, survivingFields } from "../../src/services/demographics/survivorship.ts";

const said = (value: string | null, at: number, source = "PAS|A", verified = false): Said =>
  verified ? { value, at, source, verified } : { value, at, source };
const townOf = (voices: Said[], choice?: Choice) =>
  survivingFields(
    voices.map((town) => ({ town })),
    choice,
  ).town?.value;

describe("of one field the golden record holds", () => {
  const cases: readonly (readonly [string, Said[], Choice | undefined, string | null])[] = [
    ["the newest", [said("NEW", 2), said("OLD", 1)], undefined, "NEW"],
    ["the newest although an older one is verified", [said("OLD", 1, "PAS|A", true), said("NEW", 2)], undefined, "NEW"],
    ["the verified one of one time", [said("SEEN", 1, "Z|Z", true), said("SAID", 1)], undefined, "SEEN"],
    ["what a source said last of one time", [said("FIRST", 1), said("LAST", 1)], undefined, "LAST"],
    [
      "the word of the source that the pack puts first, however old",
      [said("OWN", 1, "LAB|A"), said("NEW", 2, "PAS|A")],
      { precedence: { town: ["LAB|A", "PAS|A"] } },
      "OWN",
    ],
    [
      "the word of a source that the pack names before one that it does not",
      [said("NAMED", 1, "LAB|A"), said("NEW", 2, "ANY|B")],
      { precedence: { town: ["LAB|A"] } },
      "NAMED",
    ],
    ["never what was refused", [said("OLD", 1), said("NO", 2)], { refused: { town: "NO" } }, "OLD"],
    ["a removal that is the newest", [said("OLD", 1), said(null, 2)], undefined, null],
  ];
  test.each(cases)("%s", (_, voices, choice, expected) => {
    expect(townOf(voices, choice)).toBe(expected);
  });

  test("a verified value of what does not change in a life before a newer one that nobody verified", () => {
    const voices = [
      { birthDate: said("1980-02-03", 1, "PAS|A", true), town: said("OLD", 1, "PAS|A", true) },
      { birthDate: said("1980-03-02", 2), town: said("NEW", 2) },
    ];
    expect(valuesOf(survivingFields(voices, { verifiedFirst: lifelong }))).toEqual({
      birthDate: "1980-02-03",
      town: "NEW",
    });
  });
});

const sources = ["PAS|A", "LAB|A", "PAS|B"];
const voice = fc.record({
  value: fc.constantFrom("A", "B", "C", null),
  at: fc.integer({ min: 1, max: 4 }),
  source: fc.constantFrom(...sources),
  verified: fc.boolean(),
});
const choice = fc.record(
  {
    precedence: fc.record({ town: fc.subarray(sources) }, { requiredKeys: [] }),
    refused: fc.record({ town: fc.constantFrom("A", "B") }, { requiredKeys: [] }),
    verifiedFirst: fc.constantFrom(new Set<"town">(["town"]), new Set<"town">()),
  },
  { requiredKeys: [] },
);

test("who came first does not matter, as long as each source says one thing at a time", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(voice, { selector: ({ at, source }) => `${at} ${source}`, maxLength: 8 }),
      choice,
      fc.infiniteStream(fc.nat()),
      (voices, how, seeds) => {
        const keyed = voices.map((one) => ({ one, seed: seeds.next().value as number }));
        const shuffled = keyed.toSorted((a, b) => a.seed - b.seed).map(({ one }) => one);
        expect(townOf(shuffled, how as Choice)).toBe(townOf(voices, how as Choice));
      },
    ),
  );
});

test("what survives of some voices together is what survives of them one after another", () => {
  fc.assert(
    fc.property(fc.array(voice, { maxLength: 8 }), choice, (voices, how) => {
      const oneByOne = voices.reduce<KnownFields>(
        (fields, town) => survivingFields([fields, { town }], how as Choice),
        {},
      );
      expect(oneByOne).toEqual(
        survivingFields(
          voices.map((town) => ({ town })),
          how as Choice,
        ),
      );
    }),
  );
});

describe("two who part", () => {
  const own = { town: said("OWN", 1), phone: said("1", 1) };
  const theirs = { town: said("THEIRS", 2), email: said("a@example.test", 2) };
  const joined = survivingFields([own, theirs]);
  const before: Before = {
    fields: own,
    applied: { town: theirs.town, email: theirs.email },
    keys: ["T:2"],
    numbers: [],
    own: [],
    ownKeys: ["T:1"],
  };
  const joinedThen = (...spoken: (readonly [readonly string[], KnownFields])[]) => {
    const rows = spoken.map(([keys, fields], index): Spoken => ({ id: String(index), keys, fields }));
    const held = survivingFields([joined, ...rows.map(({ fields }) => fields)]);
    return part({ before, held, otherHeld: theirs, spoken: rows, brought: [] });
  };

  test("are as they were before, where nobody said anything since", () => {
    expect(joinedThen()).toEqual({ fields: own, otherFields: theirs, keys: ["T:2"], gone: [] });
  });

  test("each keep what was said since under their own identifiers, whoever spoke last", () => {
    const mine = { town: said("MINE SINCE", 5) };
    const its = { town: said("ITS SINCE", 6), phone: said("2", 6) };
    const parted = joinedThen([["T:1"], mine], [["T:2"], its]);
    expect(parted.fields).toEqual({ ...own, ...mine });
    expect(parted.otherFields).toEqual({ ...theirs, ...its });
    expect(parted.gone).toEqual(["1"]);
  });

  const declinedOfBoth = (otherHeld: KnownFields) => {
    const declined = { givenName: said("BEA", 6), town: said("HERS", 6), nhsNumber: said("9990000018", 6) };
    const spoken = [{ id: "1", keys: ["T:2"], fields: { town: said("LATER", 7) }, declined }];
    return part({ before, held: joined, otherHeld, spoken, brought: [] }).otherFields;
  };

  test("know what was declined of the two as one, where nothing was known before: no number, and nothing over what was taken", () => {
    expect(valuesOf(declinedOfBoth({}))).toEqual({ givenName: "BEA", town: "LATER" });
  });

  test("keep to what was known of the other before", () => {
    expect(declinedOfBoth(theirs)).toEqual({ ...theirs, town: said("LATER", 7) });
  });

  test("take identifiers along that were first named beside their own", () => {
    const parted = joinedThen([["T:2", "T:3"], { phone: said("2", 6) }], [["T:3"], { phone: said("3", 7) }]);
    expect(parted.keys).toEqual(["T:2", "T:3"]);
    expect(parted.fields).toEqual(own);
    expect(parted.otherFields.phone?.value).toBe("3");
  });

  test("are each what they would be, had they never been joined", () => {
    const statement = fc.record({
      mine: fc.boolean(),
      at: fc.integer({ min: 3, max: 99 }),
      fields: fc.record(
        { town: fc.constantFrom("A", "B", null), phone: fc.constantFrom("1", "2"), title: fc.constantFrom("DR", "MX") },
        { requiredKeys: [] },
      ),
    });
    fc.assert(
      fc.property(fc.uniqueArray(statement, { selector: ({ at }) => at, maxLength: 10 }), (statements) => {
        const inTime = statements.toSorted((a, b) => a.at - b.at);
        const fieldsOf = ({ at, fields }: (typeof statements)[number]): KnownFields =>
          Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, said(value, at)]));
        const parted = joinedThen(...inTime.map((one) => [[one.mine ? "T:1" : "T:2"], fieldsOf(one)] as const));
        const alone = (start: KnownFields, isMine: boolean) =>
          survivingFields([start, ...inTime.filter(({ mine }) => mine === isMine).map(fieldsOf)]);
        expect(valuesOf(parted.fields)).toEqual(valuesOf(alone(own, true)));
        expect(valuesOf(parted.otherFields)).toEqual(valuesOf(alone(theirs, false)));
      }),
    );
  });
});
