// ADT messages of invented people: what a test says of them and nothing else.

import { spokenAs } from "./faces.ts";

/** A person as a message speaks of them; whose name and birth date are left out has those of `spokenAs`, all else is not said. */
export type Spoken = {
  /** Local identifier of authority RXX. */
  readonly mrn: string;
  readonly nhsNumber?: string;
  readonly familyName?: string;
  readonly givenName?: string;
  /** `yyyymmdd`. */
  readonly birthDate?: string;
  readonly addressLine1?: string;
  readonly town?: string;
  /** Of that address; default `LS1 4AP`. */
  readonly postcode?: string;
  readonly phone?: string;
  readonly email?: string;
  /** PID-8: F, M, O or U. */
  readonly gender?: string;
  /** PID-29, `yyyymmdd`; PID-30 then says that the person is dead. */
  readonly deathDate?: string;
  /** PID-30 says that the person is alive, and PID-29 is blanked. */
  readonly isAlive?: true;
};

/** What an ADT message is about. */
export type Adt = {
  readonly event: "A28" | "A31" | "A08" | "A40";
  readonly controlId: string;
  /** When it happened, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly person: Spoken;
  /** A40: the identifier that is merged away. */
  readonly retired?: string;
  /** Further segments, as they stand. */
  readonly segments?: readonly string[];
  /** MSH-11; default `P`. */
  readonly processingId?: string;
  /** MSH-15 and MSH-16, for enhanced mode. */
  readonly acceptAck?: string;
  readonly applicationAck?: string;
};

const structures = { A28: "ADT_A05", A31: "ADT_A05", A08: "ADT_A01", A40: "ADT_A39" } as const;

/** `yyyymmddhhmmss.sss+0000` (HL7 v2.5.1, 2.A.77). */
export const stamp = (at: number): string => `${new Date(at).toISOString().replace(/[-:TZ]/g, "")}+0000`;

/** The message as bytes. */
export function adt({ event, controlId, at, person, retired, segments: more = [], ...header }: Adt): Buffer {
  const time = stamp(at);
  const numbers = [`${person.mrn}^^^RXX^MR`, ...(person.nhsNumber ? [`${person.nhsNumber}^^^NHS^NH`] : [])].join("~");
  const face = spokenAs(person.mrn, person.nhsNumber ?? "");
  const { familyName = face.familyName, givenName = face.givenName, addressLine1, town = "Sampleton" } = person;
  const { birthDate = face.birthDate } = person;
  const { gender = "", phone, email, deathDate, isAlive, postcode = "LS1 4AP" } = person;
  const contacts = [...(phone ? [`${phone}^PRN^PH`] : []), ...(email ? [`^NET^Internet^${email}`] : [])].join("~");
  const life = deathDate === undefined ? (isAlive ? '""|N' : undefined) : `${deathDate}|Y`;
  const address = addressLine1 === undefined ? "" : `${addressLine1}^^${town}^Testshire^${postcode}^GBR^H`;
  const segments = [
    `MSH|^~\\&|test:PAS|RXX|LOCKGATE|RXX|${time}||ADT^${event}^${structures[event]}|${controlId}|${header.processingId ?? "P"}|2.5.1|||${header.acceptAck ?? ""}|${header.applicationAck ?? ""}`,
    `EVN|${event}|${time}`,
    `PID|1||${numbers}||${familyName}^${givenName}^^^^^L||${birthDate}|${gender}|||${address}||${contacts}${life === undefined ? "" : `${"|".repeat(16)}${life}`}`,
    ...(retired ? [`MRG|${retired}^^^RXX^MR`] : []),
    ...more,
  ];
  return Buffer.from(`${segments.join("\r")}\r`);
}

/** A valid number of the range kept for tests, by its serial (0 to 999,999): 999 and a check digit by modulus 11. */
export function testNhsNumber(serial: number): string {
  const digits = `999${String(serial).padStart(6, "0")}`;
  const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (10 - index), 0);
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? testNhsNumber(serial + 1) : `${digits}${check}`;
}
