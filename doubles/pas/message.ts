// What the hospital says, as HL7 v2.5.1: one message about one patient.

import type { Patient } from "./people.ts";

/** A message, but for its time and its control id. */
export type Saying = {
  readonly event: "A28" | "A31" | "A08" | "A40" | "A45";
  readonly patient: Patient;
  /** Whether the hospital knows the NHS number. */
  readonly isNumberSaid: boolean;
  /** PID-7 and PID-8 as they stand, where they are not the patient's. */
  readonly birthDate?: string;
  readonly gender?: string;
  /** The patient is dead, since `lately`. */
  readonly isDead?: boolean;
  /** A40: the identifier that is merged away. */
  readonly retired?: string;
};

const structures = { A28: "ADT_A05", A31: "ADT_A05", A08: "ADT_A01", A40: "ADT_A39", A45: "ADT_A45" } as const;

const digits = (isoDate: string): string => isoDate.replaceAll("-", "");

/** The ISO date of a week before an instant. */
export const lately = (at: number): string => new Date(at - 7 * 86_400_000).toISOString().slice(0, 10);

/** `yyyymmddhhmmss.sss+0000` (HL7 v2.5.1, 2.A.77). */
export const stamp = (at: number): string => `${new Date(at).toISOString().replace(/[-:TZ]/g, "")}+0000`;

/** The message that is said at that instant. */
export function messageOf({ event, patient, isNumberSaid, ...said }: Saying, controlId: string, at: number): Buffer {
  const { mrn, nhsNumber, familyName, givenName, home, phone } = patient;
  const numbers = `${mrn}^^^RXX^MR${isNumberSaid ? `~${nhsNumber}^^^NHS^NH` : ""}`;
  const birthDate = said.birthDate ?? digits(patient.birthDate);
  const death = said.isDead ? `${"|".repeat(16)}${digits(lately(at))}|Y` : "";
  const segments = [
    `MSH|^~\\&|PAS|RXX|LOCKGATE|RXX|${stamp(at)}||ADT^${event}^${structures[event]}|${controlId}|P|2.5.1`,
    `EVN|${event}|${stamp(at)}`,
    `PID|1||${numbers}||${familyName}^${givenName}^^^^^L||${birthDate}|${said.gender ?? patient.gender}|||${home.line1}^^${home.town}^Testshire^${home.postcode}^GBR^H||${phone}^PRN^PH${death}`,
    ...(said.retired === undefined ? [] : [`MRG|${said.retired}^^^RXX^MR`]),
  ];
  return Buffer.from(`${segments.join("\r")}\r`);
}
