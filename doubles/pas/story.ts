// What happens at the hospital, one scene after the other: the same at every run with the same seed, and never at an end.

import { type Draw, drawing, oneOf, weighedOf } from "./draw.ts";
import type { Saying } from "./message.ts";
import { familyName, givenName, home, invent, MOST_PEOPLE, mrnOf, type Patient, phone } from "./people.ts";

/** What the national service is told of somebody before the hospital speaks. */
export type National = {
  readonly patient: Patient;
  readonly isRestricted?: boolean;
  readonly isDead?: boolean;
};

/** One thing that happens: what others know by then, and what the hospital says. */
export type Scene = {
  readonly name: SceneName;
  readonly national?: National;
  readonly saying?: Saying;
  /** The ERP answers slowly from now on, for so long. */
  readonly slowErp?: { readonly delayMs: number; readonly forMs: number };
};

/** Whom the story has named so far. */
type Cast = {
  readonly draw: Draw;
  readonly seed: number;
  /** Who can be spoken of: nobody waits for a person's decision about them. */
  readonly settled: Patient[];
  named: number;
};

/** How often a scene comes, beside others; `asks`: somebody has to decide, so it becomes rarer the more was asked. */
type Kind = { readonly weight: number; readonly asks?: true; play(cast: Cast): Omit<Scene, "name"> };

const kinds = {
  arrives: { weight: 20, play: (cast) => arrive(cast) },
  "arrives, restricted": { weight: 1, play: (cast) => arrive(cast, { isRestricted: true }) },
  "arrives, unknown nationally": { weight: 3, play: (cast) => ({ saying: arrive(cast).saying! }) },
  moves: { weight: 34, play: (cast) => changed(cast, ({ draw }) => ({ home: home(draw) })) },
  "has a new telephone": { weight: 16, play: (cast) => changed(cast, ({ draw }) => ({ phone: phone(draw) })) },
  "is told again": { weight: 6, play: (cast) => changed(cast, () => ({})) },
  "has a code nobody knows": {
    weight: 4,
    play: (cast) => changed(cast, ({ draw }) => ({ home: home(draw) }), { gender: "Q7" }),
  },
  marries: { weight: 7, asks: true, play: (cast) => renamed(cast, true) },
  "is renamed here alone": { weight: 3, asks: true, play: (cast) => renamed(cast, false) },
  "looks like somebody": { weight: 5, asks: true, play: twin },
  "is born on an impossible day": { weight: 2, asks: true, play: (cast) => garbled(cast, { birthDate: "19791402" }) },
  "comes by a message nobody takes": { weight: 1, asks: true, play: (cast) => garbled(cast, { event: "A45" }) },
  dies: { weight: 1, asks: true, play: death },
  "was entered twice": { weight: 2, asks: true, play: merge },
} as const satisfies Record<string, Kind>;

/** What a scene is called. */
export type SceneName = keyof typeof kinds | "the ERP is slow";

/** How the story opens: soon after a first start there is something of everything. */
const opening: readonly (keyof typeof kinds)[] = [
  ...Array.from({ length: 12 }, () => "arrives" as const),
  "arrives, restricted",
  "marries",
  "moves",
  "looks like somebody",
  "has a new telephone",
  "marries",
  "is born on an impossible day",
  "is renamed here alone",
  "moves",
  "has a code nobody knows",
  "looks like somebody",
  "comes by a message nobody takes",
  "was entered twice",
  "marries",
  "moves",
];

/** How many scenes the opening has. */
export const OPENING_SCENES = opening.length;

/** Once in so many scenes the ERP is slow, for the first time soon after the opening. */
const SLOW_EVERY = 150;
const SLOW_AT = OPENING_SCENES + 12;
const SLOW_ERP = { delayMs: 3_000, forMs: 60_000 } as const;
/** After so many questions they come half as often. */
const HALF_AFTER = 10;
/** Fewer settled people than that, and somebody new arrives instead. */
const LEAST_SETTLED = 6;

/** A story; `next` tells one scene more. */
export function openStory(seed: number): { next(): Scene } {
  const cast: Cast = { draw: drawing(seed), seed, settled: [], named: 0 };
  let [told, asked] = [0, 0];
  const play = (name: keyof typeof kinds): Scene => {
    const kind: Kind = kinds[name];
    if (kind.asks) asked += 1;
    return { name, ...kind.play(cast) };
  };
  return {
    next() {
      const place = told;
      told += 1;
      const first = opening[place];
      if (first) return play(first);
      if (place % SLOW_EVERY === SLOW_AT % SLOW_EVERY) return { name: "the ERP is slow", slowErp: SLOW_ERP };
      return play(chosen(cast, asked));
    },
  };
}

function chosen({ draw, settled, named }: Cast, asked: number): keyof typeof kinds {
  const isFull = named >= MOST_PEOPLE;
  if (settled.length < LEAST_SETTLED && !isFull) return "arrives";
  const rarer = 1 / (1 + asked / HALF_AFTER);
  const weighed = Object.entries<Kind>(kinds).map(([name, { weight, asks }]) => {
    const isOut = isFull && !STAYS.has(name);
    return [name as keyof typeof kinds, isOut ? 0 : asks ? weight * rarer : weight] as const;
  });
  return weighedOf(draw, weighed);
}

/** What may happen once nobody new may be named, and everybody settled is to stay so. */
const STAYS = new Set<string>(["moves", "has a new telephone", "is told again", "has a code nobody knows"]);

function arrive(cast: Cast, more: Omit<National, "patient"> = {}): Omit<Scene, "name"> {
  const patient = invent(cast.draw, cast.seed, cast.named);
  cast.named += 1;
  cast.settled.push(patient);
  return { national: { patient, ...more }, saying: { event: "A28", patient, isNumberSaid: true } };
}

/** Somebody settled, who stays so as `change` makes them. */
function changed(
  cast: Cast,
  change: (cast: Cast) => Partial<Patient>,
  more: Partial<Saying> = {},
): Omit<Scene, "name"> {
  const place = Math.floor(cast.draw() * cast.settled.length);
  const patient = { ...cast.settled[place]!, ...change(cast) };
  cast.settled[place] = patient;
  return { saying: { event: "A31", patient, isNumberSaid: true, ...more } };
}

/** Somebody whom the story does not name again: a decision about them may take its time. */
function taken({ draw, settled }: Cast): Patient {
  const [patient] = settled.splice(Math.floor(draw() * settled.length), 1);
  return patient!;
}

function renamed(cast: Cast, isKnownNationally: boolean): Omit<Scene, "name"> {
  const patient = { ...taken(cast), familyName: familyName(cast.draw) };
  const saying: Saying = { event: "A31", patient, isNumberSaid: true };
  return isKnownNationally ? { national: { patient }, saying } : { saying };
}

/** Somebody new of the same family, birth date, home and telephone under another identifier, without a number. */
function twin(cast: Cast): Omit<Scene, "name"> {
  const one = taken(cast);
  const mrn = mrnOf(cast.seed, cast.named);
  cast.named += 1;
  const patient = { ...one, mrn, givenName: givenName(cast.draw, one.gender, one.givenName) };
  return { saying: { event: "A28", patient, isNumberSaid: false } };
}

function garbled(cast: Cast, more: Partial<Saying>): Omit<Scene, "name"> {
  return { saying: { event: "A31", patient: oneOf(cast.draw, cast.settled), isNumberSaid: true, ...more } };
}

function death(cast: Cast): Omit<Scene, "name"> {
  const patient = taken(cast);
  return { national: { patient, isDead: true }, saying: { event: "A08", patient, isNumberSaid: true, isDead: true } };
}

function merge(cast: Cast): Omit<Scene, "name"> {
  const [patient, other] = [taken(cast), taken(cast)];
  return { saying: { event: "A40", patient, isNumberSaid: true, retired: other.mrn } };
}
