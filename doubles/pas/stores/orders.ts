// What the stores order, one order after the other: the same at every run with the same seed, and never at an end.

import { type Draw, drawing, oneOf, weighedOf, whole } from "../draw.ts";
import {
  type Article,
  articles,
  type Coded,
  newArticles,
  newlyMeasured,
  newlySupplied,
  places,
  withdrawn,
} from "./catalogue.ts";

/** One line of an order. */
export type OrderLine = Article & {
  readonly quantity: number;
  /** Days from the order to when it is needed; absent: nobody said. */
  readonly neededInDays?: number;
};

/** An order, but for its time and its control id. */
export type Order = {
  readonly name: OrderName;
  readonly number: string;
  readonly place: Coded;
  readonly lines: readonly OrderLine[];
};

/** How often an order comes, beside others; `asks`: somebody has to say what a code stands for, so it becomes rarer the more was asked. */
type Kind = {
  readonly weight: number;
  readonly asks?: true;
  lines(draw: Draw): readonly OrderLine[];
};

const kinds = {
  "what is always ordered": { weight: 40, lines: (draw) => someOf(draw, articles, 1 + whole(draw, 3)) },
  "from a new supplier": { weight: 3, asks: true, lines: (draw) => someOf(draw, newlySupplied, 3 + whole(draw, 2)) },
  "something new": { weight: 2, asks: true, lines: (draw) => besides(draw, newArticles) },
  "by a new measure": { weight: 2, asks: true, lines: (draw) => besides(draw, newlyMeasured) },
  "something withdrawn": { weight: 0, lines: (draw) => [lineOf(draw, withdrawn)] },
} as const satisfies Record<string, Kind>;

/** What an order is called. */
export type OrderName = keyof typeof kinds;

/** So many orders of the new supplier come before anybody can have mapped its code: about forty lines wait for that alone. */
const FROM_NEW_SUPPLIER = 12;

const opening: readonly OrderName[] = [
  ...Array.from({ length: 3 }, () => "what is always ordered" as const),
  ...Array.from({ length: FROM_NEW_SUPPLIER }, () => "from a new supplier" as const),
  "something new",
  "what is always ordered",
  "by a new measure",
  "something withdrawn",
  "what is always ordered",
];

/** How many orders the opening has. */
export const OPENING_ORDERS = opening.length;

/** After so many questions they come half as often. */
const HALF_AFTER = 10;
/** More than one story orders in a lifetime, so that no two of them share a number. */
const MOST_ORDERS = 1_000_000;

/** A story of orders; `next` tells one more. */
export function openOrders(seed: number): { next(): Order } {
  const draw = drawing(seed);
  let [told, asked] = [0, 0];
  return {
    next() {
      const name = opening[told] ?? chosen(draw, asked);
      const kind: Kind = kinds[name];
      if (kind.asks) asked += 1;
      told += 1;
      return { name, number: `R-${seed * MOST_ORDERS + told}`, place: oneOf(draw, places), lines: kind.lines(draw) };
    },
  };
}

function chosen(draw: Draw, asked: number): OrderName {
  const rarer = 1 / (1 + asked / HALF_AFTER);
  const weighed = Object.entries<Kind>(kinds).map(
    ([name, { weight, asks }]) => [name as OrderName, asks ? weight * rarer : weight] as const,
  );
  return weighedOf(draw, weighed);
}

const lineOf = (draw: Draw, article: Article): OrderLine => ({
  ...article,
  quantity: 1 + whole(draw, 24),
  ...(whole(draw, 3) > 0 ? { neededInDays: 2 + whole(draw, 12) } : {}),
});

/** So many different ones of a list. */
function someOf(draw: Draw, list: readonly Article[], count: number): readonly OrderLine[] {
  const left = [...list];
  return Array.from({ length: count }, () => lineOf(draw, left.splice(whole(draw, left.length), 1)[0]!));
}

/** One of a list, besides what is always ordered. */
const besides = (draw: Draw, list: readonly Article[]): readonly OrderLine[] => [
  lineOf(draw, oneOf(draw, list)),
  ...someOf(draw, articles, whole(draw, 2)),
];
