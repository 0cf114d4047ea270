// The canonical person in the words of the ERP contract: nothing cut, nothing said that was not said.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patientTextLimits } from "#canonical/contracts";
import { patientRecordFromPerson } from "#canonical/maps";
import type { PersonChanges } from "#canonical/model";

const identifiers = [
  { system: "RXX", value: "RXX1001" },
  { system: "RYY", value: "Y7" },
];

describe("the patient record of a person", () => {
  it("carries the first identifier, what is set and what is removed, and nothing else", () => {
    expect(
      patientRecordFromPerson({ familyName: "Example", addressLine2: null, deceased: false }, identifiers),
    ).toEqual({
      mrn: "RXX1001",
      mrnAuthority: "RXX",
      familyName: "Example",
      addressLine2: null,
      deceased: false,
    });
  });

  it("leaves a partial birth date out, passes a whole one and a removed one", () => {
    expect("birthDate" in patientRecordFromPerson({ birthDate: "1985-04" }, identifiers)).toBe(false);
    expect(patientRecordFromPerson({ birthDate: "1985-04-12" }, identifiers).birthDate).toBe("1985-04-12");
    expect(patientRecordFromPerson({ birthDate: null }, identifiers).birthDate).toBeNull();
  });

  it("refuses a person without an identifier", () => {
    expect(() => patientRecordFromPerson({}, [])).toThrow(
      expect.objectContaining({ code: "PERSON_NO_IDENTIFIER", at: "identifiers" }),
    );
  });

  it.each(Object.entries(patientTextLimits))(
    "takes a text of the ERP's length in %s and refuses a longer one there",
    (field, limit) => {
      const read = (text: string) =>
        field === "mrn" || field === "mrnAuthority"
          ? patientRecordFromPerson({}, [{ value: field === "mrn" ? text : "1", system: field === "mrn" ? "R" : text }])
          : patientRecordFromPerson({ [field]: text } as PersonChanges, identifiers);
      expect(read("X".repeat(limit))).toMatchObject({ [field]: "X".repeat(limit) });
      expect(() => read("X".repeat(limit + 1))).toThrow(
        expect.objectContaining({ code: "ERP_REFUSED", at: field, reason: "DQ-LEN-001" }),
      );
    },
  );

  it("never changes a text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30, unit: "binary" }), (text) => {
        expect(patientRecordFromPerson({ givenName: text }, identifiers).givenName).toBe(text);
      }),
    );
  });
});
