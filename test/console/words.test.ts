// The console's words: every code that people are shown has a sentence, and values read as people write them.

import { describe, expect, it } from "vitest";
import { actionWord, whoMay } from "../../console/src/words/deeds.ts";
import { readable, wordOf } from "../../console/src/words/fields.ts";
import { lookWord, mayWord } from "../../console/src/words/looks.ts";
import { reasonOf } from "../../console/src/words/reasons.ts";
import { comparisonCodes } from "../../src/canonical/packs/codes.ts";
import { actionNames } from "../../src/gateway/policy/actions.ts";
import { matchCodes } from "../../src/services/matching/codes.ts";

describe("the console's words", () => {
  it.each([...Object.keys(comparisonCodes), ...Object.keys(matchCodes), "MG-500", "MG-501", "DQ-NHS-012"])(
    "say what %s means",
    (code) => {
      expect(reasonOf(code)).toMatch(/\.$/);
    },
  );

  it("say in words what the policies let somebody do, for whoever reads the audit", () => {
    expect(actionNames.filter((name) => lookWord(name) === name)).toEqual([]);
    expect(actionNames.filter((name) => !/^[a-z]+ [^.]+$/.test(mayWord(name)) || mayWord(name) === name)).toEqual([]);
  });

  it.each([
    ["nhsNumber", "9990000018", "999 000 0018"],
    ["birthDate", "1984-03-02", "2 March 1984"],
    ["deceased", false, "no"],
    ["phone", null, "—"],
    ["familyName", "Ashdown", "Ashdown"],
  ])("show a value of %s as people write it", (field, value, said) => {
    expect(readable(field, value)).toBe(said);
  });

  it("name fields, actions and deciders in words, whether known to them or not", () => {
    expect([wordOf("gpPracticeCode"), wordOf("someOtherField")]).toEqual(["GP practice", "Some other field"]);
    expect([actionWord("link:2"), actionWord("refuse"), actionWord("send-back")]).toEqual([
      "The same as candidate 2",
      "Refuse",
      "Send back",
    ]);
    expect(whoMay(["approver", "steward"])).toBe("an approver or a data steward");
  });
});
