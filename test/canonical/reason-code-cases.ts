// For every reason code an input that yields it, and a near miss that does not. Everybody here is invented.

import type { PersonField, PersonTexts, ReasonCode } from "#canonical/model";
import type { CheckOptions, SentPerson, Surroundings } from "#canonical/rules";

export const options: CheckOptions = { environment: "test", today: "2026-08-01" };

/** A person in whom nothing is found. */
export const sound: PersonTexts = {
  nhsNumber: "9990000018",
  nhsNumberStatus: "01",
  title: "Ms",
  familyName: "Example",
  givenName: "Brónagh",
  middleNames: "Anne",
  birthDate: "1985-04-12",
  gender: "female",
  addressLine1: "1 Test Lane",
  addressLine2: "Flat 2",
  town: "Sampleton",
  county: "Testshire",
  postcode: "LS1 4AP",
  country: "GBR",
  phone: "+441632960123",
  email: "bronagh@example.org",
  gpPracticeCode: "A99901",
  deceased: "false",
};

export const sent = (texts: PersonTexts, event = "A31"): SentPerson => ({
  event,
  eventAt: "2026-07-31T12:00:00.000Z",
  texts,
});

/** Texts laid over the sound person, and what else it takes. */
export type Input = { readonly texts: PersonTexts; readonly event?: string; readonly live?: boolean };
export type RecordCase = { readonly field: PersonField; readonly found: Input; readonly nearMiss: Input };

/** One text of one field on each side. */
const of = (field: PersonField, found: string | null, nearMiss: string): RecordCase => ({
  field,
  found: { texts: { [field]: found } },
  nearMiss: { texts: { [field]: nearMiss } },
});

/** Codes that one record is enough for. */
export const recordCases: { readonly [C in ReasonCode]?: RecordCase } = {
  "DQ-NHS-001": of("nhsNumber", null, "999 000 0018"),
  "DQ-NHS-002": of("nhsNumber", "999000001", "999-000-0018"),
  "DQ-NHS-003": of("nhsNumber", "9990000019", "9990000018"),
  "DQ-NHS-004": of("nhsNumber", "2222222222", "2222222233"),
  "DQ-NHS-005": of("nhsNumber", "5000000005", "4000000004"),
  "DQ-NHS-006": { field: "nhsNumber", found: { texts: {}, live: true }, nearMiss: { texts: {} } },
  "DQ-NHS-007": of("nhsNumber", "0101000006", "0113000000"),
  "DQ-NHS-008": of("nhsNumber", "3200000007", "4000000004"),
  "DQ-DOB-001": of("birthDate", null, "1985"),
  "DQ-DOB-002": of("birthDate", "1985-02-29", "1984-02-29"),
  "DQ-DOB-003": of("birthDate", "2026-08-02", "2026-08-01"),
  "DQ-DOB-004": of("birthDate", "1899-12-31", "1900-01-02"),
  "DQ-DOB-005": of("birthDate", "1906-07-31", "1906-08-01"),
  "DQ-DOB-006": of("birthDate", "1970-01-01", "1970-01-02"),
  "DQ-DOB-007": of("birthDate", "1985-04", "1985-04-01"),
  "DQ-DOB-008": {
    field: "birthDate",
    found: { texts: { deceased: "Y", deathDate: "1985-04-11" } },
    nearMiss: { texts: { deceased: "Y", deathDate: "1985-04-12" } },
  },
  "DQ-NAM-001": of("familyName", null, "O"),
  "DQ-NAM-002": of("givenName", null, "A"),
  "DQ-NAM-003": of("givenName", "Twin 1", "Twinkle"),
  "DQ-NAM-004": of("givenName", "JosÃ©", "José"),
  "DQ-NAM-005": of("familyName", "Mrs Example", "Mrsic Example"),
  "DQ-NAM-006": of("givenName", "B.", "Bo"),
  "DQ-NAM-007": {
    field: "familyName",
    found: { texts: { familyName: "Margaret", givenName: "Smith" } },
    nearMiss: { texts: { familyName: "Margaret", givenName: "Smithy" } },
  },
  "DQ-GEN-001": of("gender", "0", "9"),
  "DQ-GEN-002": of("gender", "3", "02"),
  "DQ-PCD-001": of("postcode", null, "ZZ99 3WZ"),
  "DQ-PCD-002": of("postcode", "LS1 4A", "LS1 4AA"),
  "DQ-PCD-003": of("postcode", "S014 1AX", "so141ax"),
  "DQ-PCD-004": of("postcode", "ZZ99 3VZ", "ZE99 3VZ"),
  "DQ-PCD-005": of("postcode", "LX1 4AP", "LS1 4AP"),
  "DQ-ADR-001": of("addressLine1", null, "The Cottage"),
  "DQ-TEL-001": of("phone", "07700 90012", "07700 900123"),
  "DQ-EML-001": of("email", "bronagh@example", "bronagh@example.org"),
  "DQ-GPC-001": of("gpPracticeCode", "V81999", "V81996"),
  "DQ-DTH-001": {
    field: "deceased",
    found: { texts: { deceased: "Y", deathDate: "2026-07-30" }, event: "A01" },
    nearMiss: { texts: { deceased: "Y", deathDate: "2026-07-31" }, event: "A01" },
  },
  "DQ-DTH-002": of("deathDate", "2026-08-02", "2026-08-01"),
  "DQ-STA-001": of("nhsNumberStatus", "09", "8"),
  "DQ-LEN-001": of("town", "x".repeat(251), "x".repeat(250)),
};

export type BeyondCase = { readonly field: PersonField; readonly found: Surroundings; readonly nearMiss: Surroundings };

/** Codes that more must be known for than the record. */
export const beyondCases: { readonly [C in ReasonCode]?: readonly BeyondCase[] } = {
  "DQ-NHS-009": [{ field: "nhsNumber", found: { nhsNumber: "superseded" }, nearMiss: { nhsNumber: "current" } }],
  "DQ-NHS-010": [{ field: "nhsNumber", found: { nhsNumber: "invalidated" }, nearMiss: { nhsNumber: "superseded" } }],
  "DQ-NHS-011": [{ field: "nhsNumber", found: { nhsNumberHolders: 2 }, nearMiss: { nhsNumberHolders: 1 } }],
  "DQ-NHS-012": [{ field: "nhsNumber", found: { nhsNumber: "another" }, nearMiss: { nhsNumber: "current" } }],
  "DQ-PCD-005": [
    { field: "postcode", found: { postcode: "ended" }, nearMiss: { postcode: "live" } },
    { field: "postcode", found: { postcode: "absent" }, nearMiss: {} },
  ],
  "DQ-TEL-002": [{ field: "phone", found: { phoneHolders: 11 }, nearMiss: { phoneHolders: 10 } }],
  "DQ-GPC-001": [
    { field: "gpPracticeCode", found: { gpPractice: "closed" }, nearMiss: { gpPractice: "open" } },
    { field: "gpPracticeCode", found: { gpPractice: "absent" }, nearMiss: {} },
  ],
};
