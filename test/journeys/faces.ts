// Names and birth dates of invented people: nobody is like anybody else, so that matching takes no two for one.

/** Given names of which no two are alike, nor nicknames of each other. */
const GIVEN_NAMES =
  `Marian Olga Ferdinand Winston Philippa Bryce Jocelyn Hugo Yvette Dexter Tabitha Quentin Zelda Norbert
  Imogen Kirk Esther Ulric Vaughan Cosmo Linus Petra Gwyneth Rupert Dagmar Sholto Ambrose Thora Oswin Bettina Cuthbert
  Freya Jasper Mungo Lavinia Piers Ursula Wilfred Xanthe Ignatius Eudora Basil Clement Drusilla Fergus Giles Hyacinth
  Isolde Jethro Keziah Leopold Mirabel Nigella Octavia Percival Roland Sybil Tristan Verity Wystan Zachary Agnes Bruno
  Cordelia Desmond Edith Flora Gertrude Horace Ivy Justin Kenneth Lilian Maud Nathan Primrose Quincy Stanley Unity Victor
  Wanda Yolanda Alban Blanche Cyril Doris Ewan Fabian Gideon Hilda Ingrid Jago Myrtle Neville Olwen Phoebe Rufus Selwyn
  Una Vernon`.split(/\s+/);

/** Those who have the same given name have other family names. */
const FAMILY_NAMES =
  "Ashdown Quillfeather Mossbury Thornycroft Bexhill Vandersloot Pickering Oglethorpe Jessop Rumbold".split(" ");

const FIRST_BIRTH = Date.UTC(1930, 0, 2);
/** Days between the births of neighbours: no two of a round of names are born on one day of a year. */
const APART_DAYS = 25;
const DAY_MS = 86_400_000;

export type Face = {
  readonly familyName: string;
  readonly givenName: string;
  /** ISO date. */
  readonly birthDate: string;
};

/** The person of a place, from 0. */
export const faceAt = (place: number): Face => ({
  familyName: FAMILY_NAMES[Math.floor(place / GIVEN_NAMES.length) % FAMILY_NAMES.length]!,
  givenName: GIVEN_NAMES[place % GIVEN_NAMES.length]!,
  birthDate: new Date(FIRST_BIRTH + place * APART_DAYS * DAY_MS).toISOString().slice(0, 10),
});

const AREAS = "LS BD HX WF DN HU YO DL TS NE SR CA LA PR BB OL SK BS EX PL".split(" ");

/** The postcode of a place, from 0: nobody lives near anybody else. */
export function postcodeAt(place: number): string {
  const round = Math.floor(place / AREAS.length);
  const unit = String.fromCharCode(65 + (round % 8), 82 - (round % 8));
  return `${AREAS[place % AREAS.length]!}${1 + ((place * 7) % 28)} ${(place * 3) % 10}${unit.replace("I", "Y")}`;
}

const faces = new Map<string, Face>();

/**
 * The person whom a test names by its numbers: whoever was named by one of them before, else the next one. Of one test
 * file: what was named first is the same in every run.
 */
export function faceOf(...numbers: readonly string[]): Face {
  const own = numbers.filter((number) => number !== "");
  const known = own.flatMap((number) => faces.get(number) ?? [])[0];
  const face = known ?? faceAt(new Set(faces.values()).size);
  for (const number of own) if (!faces.has(number)) faces.set(number, face);
  return face;
}

/** The name and the birth date, as messages say them, of the person whom one of `numbers` names. */
export function spokenAs(...numbers: readonly string[]): Face {
  const face = faceOf(...numbers);
  return { ...face, birthDate: face.birthDate.replaceAll("-", "") };
}
