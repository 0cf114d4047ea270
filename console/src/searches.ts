// What may stand behind the question mark of an address: which of the things of a page are shown. Nothing personal.

export type Search = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
/** A number that is written alone is read as one: a code or a reason may look like that. */
const word = (value: unknown): string | undefined => (typeof value === "number" ? String(value) : text(value));
const instant = (value: unknown): string | undefined =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString() : undefined;
const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
const oneOf =
  <const Names extends readonly string[]>(names: Names) =>
  (value: unknown): Names[number] | undefined =>
    names.find((one) => one === value);
const truth = (value: unknown): true | undefined => (value === true ? true : undefined);

type Reading = Readonly<Record<string, (value: unknown) => unknown>>;
type Read<Readings extends Reading> = {
  -readonly [Name in keyof Readings]?: Exclude<ReturnType<Readings[Name]>, undefined>;
};

/** Reads what a page knows of an address, and leaves out everything else. */
export const searchOf =
  <Readings extends Reading>(readings: Readings) =>
  (search: Search): Read<Readings> =>
    Object.fromEntries(
      Object.entries(readings).flatMap(([name, read]) => {
        const value = read(search[name]);
        return value === undefined ? [] : [[name, value]];
      }),
    ) as Read<Readings>;

const counted = [
  "written",
  "failed",
  "late",
  "journeys",
  "unaided",
  "aided",
  "automatic",
  "asked",
  "linked",
  "reviewed",
  "overturned",
] as const;

export const searches = {
  operations: searchOf({ queues: oneOf(["all"]) }),
  journey: searchOf({ steps: oneOf(["all"]) }),
  work: searchOf({ queue: text, domain: text, reason: word, mine: truth, closed: truth, since: instant }),
  deadLetters: searchOf({ channel: text, subscription: text, reason: word, state: oneOf(["waiting"]) }),
  messages: searchOf({
    channel: text,
    state: oneOf(["refused", "filtered", "open", "complete"]),
    counted: oneOf(counted),
    leastMs: count,
    belowMs: count,
    since: instant,
    until: instant,
  }),
  audit: searchOf({ show: text, user: text, what: oneOf(["did"]), object: text, doubt: text }),
  channel: searchOf({ tab: oneOf(["definition", "try"]), version: text, with: text }),
  codeMap: searchOf({ search: word, show: oneOf(["changes"]) }),
  rule: searchOf({ tab: oneOf(["message"]) }),
  measures: searchOf({ days: (value: unknown) => [1, 7, 30, 90].find((one) => one === Number(value)) }),
  access: searchOf({
    who: text,
    action: text,
    item: text,
    domain: text,
    purpose: text,
    roles: text,
    reason: truth,
    factors: oneOf(["one"]),
  }),
};
