// What may be told of a message without telling what it says: code under trial may put a value where a place belongs.

/** Tells whether words that a channel's code chose may be shown. */
export type Tell = {
  /** A place or a reason code, or `withheld`. */
  place(text: string): string;
  /** The name of a field of a JSON body, or `*`. */
  field(name: string): string;
};

/** A segment's field, such as `ZZZ-5[1].1`. */
const FIELD = /^[A-Z][A-Z\d]{2}(\[\d{1,3}\])?-\d{1,3}(\[\d{1,3}\])?(\.\d{1,3}){0,2}$/;
/** A reason code, such as `RC-401`. */
const REASON = /^[A-Z]{2,3}(-[A-Z]{2,8})?-\d{2,3}$/;
const NAME = /^[A-Za-z][A-Za-z_]*\d{0,3}$/;
const LONGEST = 80;

/** Nothing that stands in the message is told of it, nor what is not of the form of a name. */
export function tellOf(bytes: Uint8Array): Tell {
  const original = Buffer.from(bytes).toString("utf8");
  const text = original.toLowerCase();
  let words: ReadonlySet<string> | undefined;
  const isName = (word: string): boolean => {
    words ??= wordsOf(original);
    return NAME.test(word) && word.length <= LONGEST && !words.has(word.toLowerCase());
  };
  return {
    place(at) {
      if (FIELD.test(at) || REASON.test(at)) return text.includes(at.toLowerCase()) ? "withheld" : at;
      const parts = at.split(/[.[\]-]+/).filter((part) => part !== "" && !/^\d{1,3}$/.test(part));
      return at.length <= LONGEST && parts.length > 0 && parts.every(isName) ? at : "withheld";
    },
    field: (name) => (isName(name) ? name : "*"),
  };
}

/** The words of a message in small letters. Of JSON only what it says: its fields are called so by the format. */
function wordsOf(text: string): ReadonlySet<string> {
  const said: string[] = [];
  try {
    JSON.parse(text, (_, value: unknown) => {
      if (typeof value !== "object") said.push(String(value));
    });
  } catch {
    said.push(text);
  }
  return new Set(
    said
      .join(" ")
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u),
  );
}
