// The mapping of patient values: what is written comes back, and what would not is refused.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PatientValues, patientTextLimits } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import { patientFields } from "../../../src/connectors/nav/patient-fields.ts";
import { fromNav, nhsNumberForms, toNav } from "../../../src/connectors/nav/values.ts";
import { anyValue } from "./any-value.ts";

const dialects = ["odata", "soap"] as const;

const anyValues = fc.record(
  Object.fromEntries(patientFields.map(({ canonical, form }) => [canonical, anyValue(form)])),
  { requiredKeys: [] },
) as fc.Arbitrary<PatientValues>;

const refusalOf = (values: PatientValues): unknown => {
  try {
    toNav(values, "odata");
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("patient values", () => {
  test.each(dialects)("come back over %s as they were written, and only those that were", (dialect) => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const written = toNav(values, dialect);
        expect(Object.keys(written)).toHaveLength(Object.keys(values).length);
        const back = fromNav(written, dialect);
        const nhsNumber = typeof values.nhsNumber === "string" ? { nhsNumber: back.nhsNumber } : {};
        expect(back).toMatchObject({ ...values, ...nhsNumber });
        if (dialect === "odata") expect(Object.keys(back).sort()).toEqual(Object.keys(values).sort());
      }),
    );
  });

  test("of Code fields are raised to upper case on the way in", () => {
    expect(toNav({ mrn: "rx1", postcode: "zz1 1aa", familyName: "rx1" }, "odata")).toEqual({
      mrn: "RX1",
      postalCode: "ZZ1 1AA",
      lastName: "rx1",
    });
  });

  const refusals: readonly (readonly [keyof PatientValues, unknown, string])[] = [
    ["familyName", "x".repeat(51), "NAV_TOO_LONG"],
    ["title", "x".repeat(11), "NAV_TOO_LONG"],
    ["middleNames", "x".repeat(31), "NAV_TOO_LONG"],
    ["familyName", "a\tb", "NAV_CHARACTERS"],
    ["familyName", "\ud800", "NAV_CHARACTERS"],
    ["familyName", "\uffff", "NAV_CHARACTERS"],
    ["mrn", "straße", "NAV_CHARACTERS"],
    ["familyName", " a", "NAV_SPACES"],
    ["postcode", "ZZ1 1AA ", "NAV_SPACES"],
    ["familyName", "", "NAV_EMPTY"],
    ["familyName", " ", "NAV_SPACES"],
    ["deceased", null, "NAV_NO_BLANK"],
    ["birthDate", "1980-05", "NAV_NO_DATE"],
    ["birthDate", "0001-01-01", "NAV_NO_DATE"],
    ["birthDate", "1752-12-31", "NAV_NO_DATE"],
    ["birthDate", "2023-02-29", "NAV_NO_DATE"],
    ["gender", "Female", "NAV_NO_MEMBER"],
    ["gender", "constructor", "NAV_NO_MEMBER"],
    ["nhsNumberStatus", "09", "NAV_NO_MEMBER"],
    ["familyName", 7, "NAV_NO_TEXT"],
  ];
  test.each(refusals)("that NAV cannot hold are refused at their field: %s %#", (field, value, reason) => {
    const error = refusalOf({ [field]: value } as PatientValues);
    expect(error).toBeInstanceOf(LockgateError);
    expect(error).toMatchObject({ code: "ERP_REFUSED", at: field, reason });
  });

  test("that the ERP holds in words of its own are left out, so that no update touches them", () => {
    expect(fromNav({ gender: "Indeterminate", nhsNumberStatus: "99", lastName: "Quill" }, "odata")).toEqual({
      familyName: "Quill",
    });
  });

  test.each(["", " ", "_x0020_", "_blank_"])("take %j of an option for blank", (held) => {
    expect(fromNav({ gender: held }, "odata")).toEqual({ gender: null });
  });

  test("that a SOAP page leaves out are blank, those an API page leaves out are not held", () => {
    expect(fromNav({}, "odata")).toEqual({});
    expect(fromNav({}, "soap")).toMatchObject({ title: null, birthDate: null, gender: null });
  });

  test("give an NHS number without the spaces people type, and look for both forms", () => {
    expect(fromNav({ nationalId: "999 000 1234" }, "odata")).toEqual({ nhsNumber: "9990001234" });
    expect(nhsNumberForms("9990001234")).toEqual(["9990001234", "999 000 1234"]);
    expect(nhsNumberForms("odd")).toEqual(["odd"]);
  });

  test("of every canonical text have a field, and none that the canonical limits let pass whole is cut", () => {
    const mapped = new Set<string>(patientFields.map(({ canonical }) => canonical));
    expect(Object.keys(patientTextLimits).filter((field) => !mapped.has(field))).toEqual([]);
    for (const { canonical, form } of patientFields) {
      if (!("maxLength" in form) || ("members" in form && form.members)) continue;
      expect(refusalOf({ [canonical]: "X".repeat(form.maxLength) } as PatientValues), canonical).toBeUndefined();
      expect(refusalOf({ [canonical]: "X".repeat(form.maxLength + 1) } as PatientValues), canonical).toMatchObject({
        reason: "NAV_TOO_LONG",
      });
    }
  });
});
