// Three sides side by side: which fields come up, what each side says, and whether the national record is the person's.

import { describe, expect, test } from "vitest";
import type { PersonChanges } from "#canonical/model";
import {
  type Comparison,
  compareSources,
  type DecisionInput,
  type NationalWord,
  type PersonStance,
} from "#canonical/packs";
import { BAD_NUMBER, demo, demoWith, found, identity, known, NUMBER, OTHER_NUMBER } from "./sides.ts";

const compare = (input: DecisionInput, pack = demo): Comparison => compareSources({ ...input, pack });
const field = (name: string, input: DecisionInput, pack = demo) =>
  compare(input, pack).fields.find((one) => one.field === name);

describe("a comparison of a field", () => {
  // ERP, proposed, national (undefined: not told) -> change, code, stance
  test.each<
    [string, keyof PersonChanges, string | null, string | null | undefined, string | undefined, string, string, string]
  >([
    ["equal on all sides", "town", "Exeter", "Exeter", "Exeter", "none", "RC-400", "agrees"],
    [
      "proposed as the ERP has it, not told nationally",
      "town",
      "Exeter",
      "Exeter",
      undefined,
      "none",
      "RC-403",
      "silent",
    ],
    ["changed as the national service has it", "town", "Exeter", "Truro", "Truro", "replace", "RC-401", "agrees"],
    ["changed to what nobody else has", "town", "Exeter", "Truro", "Bath", "replace", "RC-401", "differs"],
    ["changed, not told nationally", "town", "Exeter", "Truro", undefined, "replace", "RC-403", "silent"],
    ["missing in the ERP, told by both others", "town", null, "Truro", "Truro", "fill", "RC-402", "agrees"],
    ["missing in the ERP and nationally", "town", null, "Truro", undefined, "fill", "RC-402", "silent"],
    ["removed, not told nationally", "town", "Exeter", null, undefined, "remove", "RC-403", "silent"],
    ["removed, told nationally", "town", "Exeter", null, "Exeter", "remove", "RC-401", "differs"],
    ["written otherwise", "familyName", "EXAMPLE", "Example", "example", "respelling", "RC-401", "agrees"],
    [
      "a family name with a particle left out",
      "familyName",
      "van der Example",
      "Example",
      undefined,
      "respelling",
      "RC-403",
      "silent",
    ],
    [
      "an abbreviated street",
      "addressLine1",
      "1 High Street",
      "2 High Street",
      "2 HIGH ST.",
      "replace",
      "RC-401",
      "agrees",
    ],
    ["another form of a number to dial", "phone", null, "+441632960123", "01632 960123", "fill", "RC-402", "agrees"],
    ["a postcode that stands for no place", "postcode", null, "ZZ99 3VZ", "ZZ99 3VZ", "fill", "RC-402", "silent"],
    [
      "told nationally only, where the hospital's word counts",
      "town",
      null,
      undefined,
      "Truro",
      "none",
      "RC-402",
      "differs",
    ],
  ])("that is %s", (_, name, current, proposed, national, change, code, stance) => {
    const input = known(
      proposed === undefined ? {} : { [name]: proposed },
      found(national === undefined ? {} : { [name]: national }, {}),
      { [name]: current } as PersonChanges,
    );
    // The identity is told nationally as well; where the field is part of it, not told means not told.
    if (national === undefined && input.national.outcome === "found")
      delete (input.national.record.fields as Record<string, unknown>)[name];
    expect(field(name, input)).toMatchObject({ current, change, code, stance, withheld: false });
  });

  test("holds to the letter where the pack says exact", () => {
    const exact = demoWith(({ normalisation }) => Object.assign(normalisation, { names: "exact" }));
    const input = known({ familyName: "Example" }, found({ familyName: "EXAMPLE" }), { familyName: "EXAMPLE" });
    expect(field("familyName", input)).toMatchObject({ change: "respelling", stance: "agrees" });
    expect(field("familyName", input, exact)).toMatchObject({ change: "replace", stance: "differs" });
  });

  test("leaves out what nobody proposes and nobody tells otherwise", () => {
    expect(compare(known({}, found())).fields).toEqual([]);
    expect(compare(known({}, { outcome: "none" }, { town: "Exeter" })).fields).toEqual([]);
  });

  test("takes the national word as the proposal where it counts and the statement is silent", () => {
    expect(
      field("gpPracticeCode", known({}, found({ gpPracticeCode: "L83100" }), { gpPracticeCode: "L83101" })),
    ).toMatchObject({
      by: "national",
      proposed: "L83100",
      change: "replace",
      stance: "agrees",
    });
    expect(field("deceased", known({}, found({}, { death: "formal" })))).toMatchObject({
      by: "national",
      proposed: true,
    });
    expect(
      field("gpPracticeCode", known({ gpPracticeCode: "L83102" }, found({ gpPracticeCode: "L83100" }))),
    ).toMatchObject({
      by: "local",
      proposed: "L83102",
      stance: "differs",
    });
  });

  test.each<[string, NationalWord]>([
    ["a record without the field", found()],
    [
      "a record that says null",
      found({}, { fields: { ...identity, town: null, gpPracticeCode: null, deceased: null } }),
    ],
    ["no record", { outcome: "none" }],
  ])("never takes the absence of a value for its removal: %s", (_, national) => {
    const { fields } = compare(
      known({}, national, { town: "Exeter", gpPracticeCode: "L83100", deceased: true, nhsNumber: NUMBER }),
    );
    expect(fields).toEqual([]);
  });

  test("takes no word on a death for the same as not dead, and a taken-back death for a change", () => {
    expect(field("deceased", known({ deceased: false }, found()))).toMatchObject({ change: "none" });
    expect(field("deceased", known({ deceased: null }, found(), { deceased: true }))).toMatchObject({
      change: "remove",
    });
    expect(field("deceased", known({ deceased: false }, found(), { deceased: true }))).toMatchObject({
      change: "replace",
    });
  });

  test("takes a part of a birth date for nothing new, and never for agreement", () => {
    expect(field("birthDate", known({ birthDate: "1980" }, found()))).toMatchObject({ change: "none" });
    const blank = known({ birthDate: "1980" }, found(), { birthDate: null });
    expect(field("birthDate", blank)).toMatchObject({ change: "fill", stance: "silent" });
  });

  test.each<[string, DecisionInput, string]>([
    ["is not a valid one", known({}, found(), { nhsNumber: BAD_NUMBER }), "RC-404"],
    ["is not known nationally", known({ nhsNumber: OTHER_NUMBER }, { outcome: "none" }), "RC-405"],
    ["was replaced", known({}, found({ nhsNumber: OTHER_NUMBER }, {}, NUMBER)), "RC-406"],
    ["is another local person's too", { ...known({}, found(), { nhsNumber: null }), duplicate: true }, "DQ-NHS-011"],
    ["is missing here", known({}, found(), { nhsNumber: null }), "RC-402"],
  ])("says of an NHS number that it %s", (_, input, code) => {
    expect(field("nhsNumber", input)).toMatchObject({ code });
  });

  test("proposes the number that replaced the one held, even where a message repeats the old one", () => {
    const national = found({ nhsNumber: OTHER_NUMBER }, {}, NUMBER);
    for (const proposed of [{}, { nhsNumber: NUMBER }])
      expect(field("nhsNumber", known(proposed, national))).toMatchObject({ proposed: OTHER_NUMBER, by: "national" });
    const rekeyed = known({ nhsNumber: NUMBER }, national, { nhsNumber: OTHER_NUMBER });
    expect(field("nhsNumber", rekeyed)).toMatchObject({ change: "none", proposed: OTHER_NUMBER });
  });
});

describe("a comparison of a person", () => {
  test.each<[PersonStance, string, DecisionInput, string | null, string]>([
    ["found", "birth date and names agree", known({}, found()), null, "01"],
    ["found", "one name differs", known({ familyName: "Sample" }, found()), null, "01"],
    [
      "found",
      "the names are in each other's place",
      known({}, found({ familyName: "Anne", givenName: "Example" })),
      null,
      "01",
    ],
    [
      "found",
      "the names are written otherwise",
      known({}, found({ familyName: "EXAMPLE", givenName: "ÁNNE" })),
      null,
      "01",
    ],
    ["found", "part of the birth date and a name agree", known({}, found({ birthDate: "1980-05" })), null, "01"],
    ["found", "no number was held", known({}, found(), { nhsNumber: null }), null, "01"],
    ["found", "the number held cannot be one", known({}, found(), { nhsNumber: BAD_NUMBER }), null, "01"],
    [
      "superseded",
      "the number was replaced",
      known({}, found({ nhsNumber: OTHER_NUMBER }, {}, NUMBER)),
      "RC-406",
      "01",
    ],
    ["conflict", "the birth date differs", known({}, found({ birthDate: "1980-05-18" })), "DQ-NHS-012", "05"],
    ["conflict", "the proposed birth date differs", known({ birthDate: "1981-05-17" }, found()), "DQ-NHS-012", "05"],
    ["conflict", "both names differ", known({}, found({ familyName: "Sample", givenName: "Una" })), "DQ-NHS-012", "05"],
    ["conflict", "another valid number is held", known({}, found({ nhsNumber: OTHER_NUMBER })), "DQ-NHS-012", "05"],
    [
      "conflict",
      "the replaced number's record is another's",
      known({}, found({ nhsNumber: OTHER_NUMBER, birthDate: "1990-01-02" }, {}, NUMBER)),
      "DQ-NHS-012",
      "05",
    ],
    [
      "insufficient",
      "nothing here could agree",
      { erp: {}, proposed: { nhsNumber: NUMBER }, national: found() },
      "MT-302",
      "02",
    ],
    [
      "insufficient",
      "only one name agrees",
      { erp: {}, proposed: { nhsNumber: NUMBER, familyName: "Example" }, national: found() },
      "MT-302",
      "02",
    ],
    ["invalidated", "the record was withdrawn", known({}, { outcome: "invalidated" }), "DQ-NHS-010", "05"],
    ["several", "several fit", known({}, { outcome: "several" }), "MT-201", "04"],
    ["none", "nobody fits", known({}, { outcome: "none" }), "RC-405", "04"],
    ["insufficient", "a number was not asked about", known({}, { outcome: "insufficient" }), "MT-302", "02"],
    ["insufficient", "there is no number", known({}, { outcome: "insufficient" }, { nhsNumber: null }), "MT-302", "03"],
    ["unasked", "the number is not traced yet", known({}, { outcome: "unasked" }), null, "02"],
    ["unasked", "a trace is required", known({}, { outcome: "unasked" }, { nhsNumber: null }), null, "03"],
    [
      "unasked",
      "a trace is postponed",
      known({ nhsNumberStatus: "08" }, { outcome: "unasked" }, { nhsNumber: null }),
      null,
      "08",
    ],
  ])("is %s where %s", (stance, _, input, code, status) => {
    expect(compare(input)).toMatchObject({ person: { stance, code }, nhsNumberStatus: status });
  });

  test("looks at a record only where it is the person's, or may be", () => {
    const input: DecisionInput = {
      erp: {},
      proposed: { nhsNumber: NUMBER, town: "Bath" },
      national: found({ town: "Truro" }),
    };
    expect(field("town", input)).toMatchObject({ stance: "unknown" });
    expect(field("town", input)).not.toHaveProperty("national");
    const other = known({}, found({ nhsNumber: OTHER_NUMBER, gpPracticeCode: "L83100" }));
    expect(field("gpPracticeCode", other)).not.toHaveProperty("proposed");
  });

  test.each<[string, DecisionInput]>([
    [
      "now",
      known({ town: "Bath", familyName: "Sample" }, found({ town: "Truro" }, { restricted: true }), { town: "Exeter" }),
    ],
    ["from before", { ...known({ town: "Bath" }, found({ town: "Truro" }), { town: "Exeter" }), restricted: true }],
    ["from before, while nobody is found", { ...known({ town: "Bath" }, { outcome: "none" }), restricted: true }],
  ])("gives no whereabouts of a person known to be restricted %s", (_, input) => {
    const comparison = compare(input);
    expect(comparison.restricted).toBe(true);
    expect(comparison.fields.find((one) => one.field === "town")).toMatchObject({
      current: null,
      code: "MT-310",
      withheld: true,
    });
    expect(JSON.stringify(comparison)).not.toMatch(/Bath|Truro|Exeter/);
  });
});
