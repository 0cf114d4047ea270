// Rows as our types have them.

/** What a column holds as `null` is absent in our types. */
export function present<Row extends object>(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? undefined])) as Row;
}
