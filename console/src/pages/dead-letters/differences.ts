// Where two messages differ, field by field, as whoever decides reads them.

import { segmentsOf } from "../journeys/segments.ts";

/** A field that is not the same in both. `undefined`: it is not there. */
export type Difference = {
  readonly place: string;
  readonly name: string | undefined;
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/** What is shown of something that may not be seen. */
const HIDDEN = "•••";

type Filled = ReadonlyMap<string, { readonly name: string | undefined; readonly value: string }>;

/** The filled fields by where they are: `PID-7`, and `NK1[2]-2` in the second of its name. */
function fieldsOf(text: string): Filled {
  const counts = new Map<string, number>();
  const segments = segmentsOf(text) ?? [{ name: "", fields: [{ place: "message", name: undefined, value: text }] }];
  return new Map(
    segments.flatMap(({ name: segment, fields }) => {
      const nth = (counts.get(segment) ?? 0) + 1;
      counts.set(segment, nth);
      return fields.map(({ place, name, value }) => {
        const path = nth === 1 ? place : place.replace(segment, `${segment}[${nth}]`);
        return [path, { name, value }] as const;
      });
    }),
  );
}

/** @param told the places that the platform says differ: some of them may be hidden on both sides */
export function differencesOf(original: string, proposed: string, told: readonly string[] = []): readonly Difference[] {
  const [before, after] = [fieldsOf(original), fieldsOf(proposed)];
  const places = new Set([...before.keys(), ...after.keys()]);
  const seen = [...places].filter((place) => before.get(place)?.value !== after.get(place)?.value);
  const covered = (place: string) => seen.some((one) => one === place || one.startsWith(`${place}-`));
  const unseen = told.filter((place) => !covered(place));
  return [
    ...seen.map((place) => ({
      place,
      name: (before.get(place) ?? after.get(place))?.name,
      before: before.get(place)?.value,
      after: after.get(place)?.value,
    })),
    ...unseen.map((place) => ({
      place,
      name: before.get(place)?.name,
      before: HIDDEN,
      after: HIDDEN,
    })),
  ];
}
