// Addresses within the console, with what they are to show written behind the question mark.

/** `/messages?channel=adt&since=…`; what is undefined is left out. */
export function addressOf(
  page: string,
  search: Readonly<Record<string, string | number | boolean | undefined>> = {},
): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined);
  return given.length === 0 ? page : `${page}?${new URLSearchParams(given.map(([name, value]) => [name, `${value}`]))}`;
}
