// Addresses within the console, with what they are to show written behind the question mark.

/** `/messages?channel=adt&since=…`; what is undefined is left out. */
export function addressOf(
  page: string,
  search: Readonly<Record<string, string | number | boolean | undefined>> = {},
): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (value !== undefined) given.set(name, `${value}`);
  return given.size === 0 ? page : `${page}?${given}`;
}
