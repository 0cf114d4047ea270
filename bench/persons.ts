// The people of the journey bench: synthetic, each with names and numbers of their own; every second one is known nationally.

import { nhsNumberText } from "./message.ts";

/** Numbers below are those of the people whom the ERP's double holds from the start. */
const FIRST_NHS_NUMBER = 20_000;
const NAME_LETTERS = 7;
const DAY_MS = 86_400_000;
const FIRST_BIRTH = Date.UTC(1940, 0, 1);
/** Some eighty years: of a hundred thousand people, three or four are born on the same day. */
const BIRTH_DAYS = 30_000;
/** Days between the births of neighbours; has no factor in common with the days, so that each comes once a round. */
const BIRTH_STEP = 7_919;

const GIVEN_NAMES =
  `Marian Olga Winston Philippa Bryce Jocelyn Hugo Yvette Dexter Tabitha Quentin Zelda Norbert Imogen Kirk Esther Vaughan
  Cosmo Petra Gwyneth Rupert Sholto Ambrose Thora Bettina Cuthbert Freya Jasper Mungo Ursula Xanthe Basil Fergus Giles`.split(
    /\s+/,
  );
const CONSONANTS = "bdfghklmnprstvwz";
const VOWELS = "aeiou";
const STREETS = "Mill Church Station Victoria Albert Quarry Harbour Meadow Chapel Orchard Priory Bridge".split(" ");
const TOWNS =
  "Exampleton Sampleby Modelham Patternford Draftwich Mockley Trialcaster Dummington Testbury Fixturedale".split(" ");
const AREAS = "LS BD HX HD WF DN HU YO HG DL TS NE SR DH CA LA PR BB OL SK".split(" ");
const UNITS = "ABDEFGHJLNPQRSTUWXYZ";

/** A number that has nothing to do with those of its neighbours, the same in every run (a mixer of 32 bits). */
function scattered(number: number, salt: number): number {
  let mixed = (number + Math.imul(salt, 0x9e3779b9)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const oneOf = <T extends string>(all: string | readonly T[], number: number, salt: number): string =>
  all[scattered(number, salt) % all.length]!;

/** Letters in turns of consonant and vowel: hardly two of them are alike. */
function familyName(number: number): string {
  const letters = Array.from({ length: NAME_LETTERS }, (_, place) =>
    oneOf(place % 2 === 0 ? CONSONANTS : VOWELS, number, 10 + place),
  );
  return letters[0]!.toUpperCase() + letters.slice(1).join("");
}

/** Of those who are born on one day each has another. */
const givenName = (number: number): string =>
  GIVEN_NAMES[(scattered(number % BIRTH_DAYS, 1) + Math.floor(number / BIRTH_DAYS)) % GIVEN_NAMES.length]!;
const middleName = (number: number): string => oneOf(GIVEN_NAMES, number, 20);
const town = (number: number): string => oneOf(TOWNS, number, 21);
const street = (number: number): string => `${oneOf(STREETS, number, 2)} Street`;

function postcode(number: number): string {
  const district = 1 + (scattered(number, 4) % 30);
  const sector = scattered(number, 5) % 10;
  return `${oneOf(AREAS, number, 3)}${district} ${sector}${oneOf(UNITS, number, 6)}${oneOf(UNITS, number, 7)}`;
}

const phone = (number: number): string => `0113${String(4_000_000 + (scattered(number, 8) % 5_000_000))}`;

const isKnown = (number: number): boolean => number % 2 === 0;

const birthDate = (number: number): string =>
  new Date(FIRST_BIRTH + ((number * BIRTH_STEP) % BIRTH_DAYS) * DAY_MS).toISOString().slice(0, 10);

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
    `PID|1||JB${number}^^^RXX^MR${nhsNumber}||${familyName(number)}^${givenName(number)}^${middleName(number)}^^MX^^L||${birthDate(number).replaceAll("-", "")}|${number % 4 < 2 ? "F" : "M"}||` +
      `A^British^99ETH|${house} ${street(number)}^Flat 2^${town(number)}^Exampleshire^${postcode(number)}^GBR^H||${phone(number)}^PRN^PH||EN^English|M|C22`,
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
      givenName: [givenName(number), middleName(number)],
      birthDate: birthDate(number),
      gender: number % 4 < 2 ? "female" : "male",
      addressLines: [`${number} ${street(number)}`, "Flat 2", town(number), "Exampleshire"],
      postcode: postcode(number),
    };
  });
