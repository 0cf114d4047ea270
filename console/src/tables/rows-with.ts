// Finding rows of a long table by what stands in them, at each key that is pressed.

/** What stands in the rows of a list, in small letters: told once of each list. */
const known = new WeakMap<readonly object[], readonly string[]>();

/** The rows in which every word of `text` stands, in their order; `told` says what stands in a row. A list MUST be the same object while its rows are. */
export function rowsWith<Row extends object>(
  rows: readonly Row[],
  text: string,
  told: (row: Row) => string,
): readonly Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  const texts = known.get(rows) ?? rows.map((row) => told(row).toLowerCase());
  known.set(rows, texts);
  return rows.filter((_, place) => words.every((word) => texts[place]!.includes(word)));
}
