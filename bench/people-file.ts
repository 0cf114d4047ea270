// Writes a file of made-up people, always the same for the same seed: names as common as names are, households, and slips.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { nhsCheckDigit } from "#canonical/rules";

/** Columns of the file. `person` is the truth: whose record it is. */
export const peopleColumns = [
  "rec_id",
  "person",
  "given_name",
  "family_name",
  "dob",
  "gender",
  "postcode",
  "address1",
  "phone",
  "nhs_number",
] as const;

const commonGiven =
  "Oliver Amelia George Isla Harry Ava Jack Emily Noah Sophia Charlie Grace Leo Mia Jacob Poppy Freddie Ella Alfie Lily Oscar Evie " +
  "Thomas Charlotte William James Sophie Mohammed Alice Henry Jessica Joshua Daisy Arthur Florence Margaret John David Susan Robert " +
  "Elizabeth Michael Mary Peter Patricia Richard Christine Paul Linda Andrew Karen Stephen Helen Mark Sarah Aisha Priya Wei Fatima";
const commonFamily =
  "Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson Thompson Wright Walker White Edwards Hughes " +
  "Green Hall Lewis Harris Clarke Patel Jackson Wood Turner Martin Cooper Hill Ward Morris Moore Clark Lee King Baker Harrison Morgan " +
  "Allen Khan Scott Singh Begum Ali Hussain Ahmed Murphy Kelly Watson Parker Bennett Young Shaw Mitchell Cook Bailey Carter";
const starts =
  "Al Ash Bar Bel Bran Car Cha Cor Dal Dun El Far Gar Hal Har Hol Jar Kel Lan Mar Mel Nor Or Pen Ral Ros Sal Ta Tor Val Wes Win".split(
    " ",
  );
const middles = " a e i o al an ar el en er il in on or am ing ber der ley mon".split(" ");
const ends =
  "by den dale field ford ham ington land ley man more ney ren sey son ston ter ton well wick wood worth a ia ie is on us y".split(
    " ",
  );
const streets =
  "Mill Church Station Park Queens Victoria Manor King Green Chapel North South Albert School Grange London Springfield Alexandra".split(
    " ",
  );
const kinds = ["Road", "Street", "Lane", "Avenue", "Close", "Drive", "Grove"];
const areas =
  "B BA BD BL BN BS CB CF CH DE DN EX GU HU IP KT LE LS M ME NE NG NN NR OX PE PL PO RG S SA SE SK SN SO SW TA TF WF WR YO".split(
    " ",
  );
const inward = "ABDEFGHJLNPQRSTUWXYZ";

/** Numbers drawn evenly from 0 to 1: mulberry32. */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Names of which the first are common and the last are rare (Zipf and Mandelbrot). */
function nameDrawer(common: string, count: number, flatness: number, draw: () => number): () => string {
  const names = new Set(common.split(" "));
  while (names.size < count)
    names.add(pick(starts, draw) + pick(middles, draw) + (draw() < 0.3 ? pick(middles, draw) : "") + pick(ends, draw));
  const all = [...names];
  const sums: number[] = [];
  for (const rank of all.keys()) sums.push((sums.at(-1) ?? 0) + 1 / (rank + flatness));
  return () => {
    const at = draw() * sums.at(-1)!;
    let [low, high] = [0, all.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return all[low]!;
  };
}

const pick = <T>(from: ArrayLike<T>, draw: () => number): T => from[Math.floor(draw() * from.length)]!;
const whole = (below: number, draw: () => number): number => Math.floor(draw() * below);
const two = (value: number): string => String(value).padStart(2, "0");

type Home = { readonly family: string; readonly postcode: string; readonly address: string; readonly phone: string };
type Someone = Home & {
  readonly given: string;
  readonly birthDate: string;
  readonly gender: string;
  readonly nhsNumber: string;
};

/** Writes so many records. A quarter of the persons has two to four records with slips, moves and gaps. */
export async function writePeople(path: string, records: number, seed: number): Promise<void> {
  const draw = drawing(seed);
  const given = nameDrawer(commonGiven, 4_000, 8, draw);
  const family = nameDrawer(commonFamily, 40_000, 20, draw);
  const stream = createWriteStream(path);
  stream.write(`${peopleColumns.join(",")}\n`);
  let [written, person, serial] = [0, 0, 400_000_000];
  const home = (): Home => ({
    family: family(),
    postcode: `${pick(areas, draw)}${1 + whole(30, draw)} ${whole(10, draw)}${pick(inward, draw)}${pick(inward, draw)}`,
    address: `${1 + whole(180, draw)} ${pick(streets, draw)} ${pick(kinds, draw)}`,
    phone: `07${String(whole(1e9, draw)).padStart(9, "0")}`,
  });
  const nhsNumber = (): string => {
    for (;;) {
      serial += 1 + whole(7, draw);
      const check = nhsCheckDigit(String(serial));
      if (check !== undefined) return `${serial}${check}`;
    }
  };
  while (written < records) {
    const place = home();
    const members = draw() < 0.6 ? 1 : 2 + whole(3, draw);
    let rows = "";
    for (let member = 0; member < members && written < records; member += 1) {
      const someone: Someone = {
        ...place,
        given: given(),
        birthDate: `${1930 + whole(94, draw)}-${two(1 + whole(12, draw))}-${two(1 + whole(28, draw))}`,
        gender: draw() < 0.5 ? "male" : "female",
        nhsNumber: nhsNumber(),
      };
      const copies = draw() < 0.75 ? 1 : 2 + whole(3, draw);
      for (let copy = 0; copy < copies && written < records; copy += 1) {
        rows += rowOf(`r${written}`, `p${person}`, copy === 0 ? someone : withSlips(someone, home, draw), draw);
        written += 1;
      }
      person += 1;
    }
    if (!stream.write(rows)) await once(stream, "drain");
  }
  stream.end();
  await finished(stream);
}

function withSlips(someone: Someone, home: () => Home, draw: () => number): Someone {
  const moved = draw() < 0.25 ? home() : undefined;
  const { given, family, birthDate } = someone;
  const isMarried = draw() < 0.04;
  return {
    ...someone,
    ...(moved ? { postcode: moved.postcode, address: moved.address } : {}),
    ...(draw() < 0.2 ? { phone: home().phone } : {}),
    given: draw() < 0.08 ? slip(given, draw) : draw() < 0.03 ? given[0]! : given,
    family: isMarried ? home().family : draw() < 0.06 ? slip(family, draw) : family,
    birthDate: draw() < 0.03 ? dateSlip(birthDate, draw) : birthDate,
    gender: draw() < 0.01 ? "unknown" : someone.gender,
  };
}

function slip(text: string, draw: () => number): string {
  const at = 1 + whole(text.length - 1, draw);
  const letter = "abcdefghijklmnopqrstuvwxyz"[whole(26, draw)]!;
  const kind = whole(3, draw);
  if (kind === 0) return text.slice(0, at) + letter + text.slice(at);
  return text.slice(0, at) + (kind === 1 ? letter : "") + text.slice(at + 1);
}

const dateSlip = (date: string, draw: () => number): string => `${date.slice(0, 8)}${two(1 + whole(28, draw))}`;

function rowOf(id: string, person: string, one: Someone, draw: () => number): string {
  const phone = draw() < 0.2 ? "" : one.phone;
  const number = draw() < 0.18 ? "" : one.nhsNumber;
  return `${[id, person, one.given, one.family, one.birthDate, one.gender, one.postcode, one.address, phone, number].join(",")}\n`;
}
