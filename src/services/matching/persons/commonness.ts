// How many persons there are and how common their names are, as far as weights need it: counted seldom, from a sample.

import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Shares } from "../types.ts";
import { estimatePersons, type SampledValue, sampleValues } from "./store.ts";

/** `shares` is absent while there are too few persons to tell what is common. */
export type Commonness = { readonly population: number; readonly shares?: Shares };

const FRESH_MS = 10 * 60_000;
/** A hospital's feed begins with nobody, and yet those who come are some of so many: few known persons prove nothing. */
export const leastPopulation = 100_000;
const sampled = 20_000;
const leastSampled = 2_000;

/** A function that tells how common things are: as counted ten minutes ago or less, but for whoever asks first after. */
export function countingCommonness(db: Db, clock: Clock): () => Promise<Commonness> {
  let known: Promise<Commonness> | undefined;
  let freshTill = 0;
  return () => {
    if (known && clock.now() < freshTill) return known;
    freshTill = clock.now() + FRESH_MS;
    const before = known;
    const counted = countCommonness(db);
    const settle = counted.then(
      () => {
        known = counted;
      },
      // What was counted last is still good; whoever asks next counts again.
      () => {
        freshTill = 0;
        known = before;
      },
    );
    if (before) {
      void settle;
      return before;
    }
    known = counted;
    return counted;
  };
}

async function countCommonness(db: Db): Promise<Commonness> {
  const persons = await estimatePersons(db);
  const rows = await sampleValues(db, Math.min(100, (100 * sampled) / Math.max(persons, 1)));
  const shares = sharesOf(rows);
  return { population: Math.max(persons, leastPopulation), ...(shares ? { shares } : {}) };
}

function sharesOf(rows: readonly SampledValue[]): Shares | undefined {
  const shareOf = (kind: SampledValue["kind"]) => {
    const counts = new Map(rows.flatMap((row) => (row.kind === kind ? [[row.value, row.count]] : [])));
    const total = counts.get("") ?? 0;
    if (total < leastSampled) return undefined;
    // Whoever the sample does not show is not more common than one of it.
    return (value: string): number => (counts.get(value) ?? 1) / total;
  };
  const [given, family, town] = [shareOf("given"), shareOf("family"), shareOf("town")];
  const nothing = () => undefined;
  if (!given && !family && !town) return undefined;
  return { given: given ?? nothing, family: family ?? nothing, town: town ?? nothing, extra: nothing };
}
