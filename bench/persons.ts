// The people of the journey bench: synthetic, each with names and numbers of their own; every second one is known nationally.

import { nhsNumberText } from "./message.ts";

/** Numbers below are those of the people whom the ERP's double holds from the start. */
const FIRST_NHS_NUMBER = 20_000;
const NAME_LETTERS = 6;
const LETTERS = 26;
const A = 65;
const DAY_MS = 86_400_000;
const FIRST_BIRTH = Date.UTC(1940, 0, 1);
/** Some eighty years: of a hundred thousand people, three or four are born on the same day. */
const BIRTH_DAYS = 30_000;

/** A name without digits that no other number has. */
function familyName(number: number): string {
  let name = "";
  for (let place = 0, rest = number; place < NAME_LETTERS; place += 1, rest = Math.floor(rest / LETTERS))
    name = String.fromCharCode(A + (rest % LETTERS)) + name;
  return `Bench${name.toLowerCase()}`;
}

const isKnown = (number: number): boolean => number % 2 === 0;

const birthDate = (number: number): string =>
  new Date(FIRST_BIRTH + (number % BIRTH_DAYS) * DAY_MS).toISOString().slice(0, 10);

/** `yyyymmddhhmmss.sss+0000` (HL7 v2.5.1, 2.A.77). */
const stamp = (at: number): string => `${new Date(at).toISOString().replace(/[-:TZ]/g, "")}+0000`;

/** The control id of the message that says `event` of person `number`. */
export const controlId = (event: "A28" | "A31", number: number): string => `${event}-${number}`;

/** The message of a new person (A28), or of the address that person has moved to (A31). Those whom the national service does not know come without a number. */
export function personMessage(event: "A28" | "A31", number: number, at: number): Buffer {
  const time = stamp(at);
  const house = event === "A28" ? number : number + 100_000;
  const nhsNumber = isKnown(number) ? `~${nhsNumberText(FIRST_NHS_NUMBER + number / 2)}^^^NHS^NH` : "";
  const segments = [
    `MSH|^~\\&|PAS|RXX|LOCKGATE|RXX|${time}||ADT^${event}^ADT_A05|${controlId(event, number)}|P|2.5.1|||||GBR|UNICODE UTF-8`,
    `EVN|${event}|${time}|||WARDCLERK^EXAMPLE^ALEX^^^MR^^^RXX`,
    `PID|1||JB${number}^^^RXX^MR${nhsNumber}||${familyName(number)}^Jordan^Taylor^^MX^^L||${birthDate(number).replaceAll("-", "")}|${number % 4 < 2 ? "F" : "M"}||` +
      `A^British^99ETH|${house} Example Street^Flat 2^Exampleton^Exampleshire^LS1 4AP^GBR^H||0113496${String(number % 10_000).padStart(4, "0")}^PRN^PH||EN^English|M|C22`,
    "PD1|||EXAMPLE SURGERY^^Y99999^^^ODS^PRC|G9999999^EXAMPLE^SAM^^^DR^^^GMC",
    "NK1|1|EXAMPLE^ROBIN^^^MS^^L|SPO^Spouse^HL70063|2 EXAMPLE STREET^^EXAMPLETON^^LS1 4AP^GBR|^PRN^PH^^44^1632^960002||EC",
    "PV1|1|N",
  ];
  return Buffer.from(`${segments.join("\r")}\r`);
}

/** Those of `count` persons from number 0 on whom the national service knows, as its double takes them. */
export const knownNationally = (count: number): object[] =>
  Array.from({ length: Math.ceil(count / 2) }, (_, half) => {
    const number = half * 2;
    return {
      nhsNumber: nhsNumberText(FIRST_NHS_NUMBER + half),
      familyName: familyName(number),
      givenName: ["Jordan", "Taylor"],
      birthDate: birthDate(number),
      gender: number % 4 < 2 ? "female" : "male",
      addressLines: [`${number} Example Street`, "Flat 2", "Exampleton", "Exampleshire"],
      postcode: "LS1 4AP",
    };
  });
