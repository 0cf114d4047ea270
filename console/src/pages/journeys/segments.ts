// A pipe-delimited message as segments and fields, so that one can point at a field.

/** A run of a field's text: an element with its place, `PID-5.1` or `PID-11[2].1`, or what stands between two. */
export type Piece = { readonly text: string; readonly place?: string };
export type Field = {
  readonly place: string;
  readonly name: string | undefined;
  readonly value: string;
  readonly pieces: readonly Piece[];
};
export type Segment = { readonly name: string; readonly fields: readonly Field[] };

const names: Readonly<Record<string, string>> = {
  "MSH-3": "Sending application",
  "MSH-4": "Sending facility",
  "MSH-7": "Time of the message",
  "MSH-9": "Kind of message",
  "MSH-10": "Control id",
  "EVN-2": "Recorded at",
  "PID-3": "Identifiers",
  "PID-5": "Name",
  "PID-7": "Date of birth",
  "PID-8": "Gender",
  "PID-11": "Address",
  "PID-13": "Telephone and email",
  "PID-29": "Date of death",
  "PID-30": "Deceased",
  "PD1-3": "GP practice",
  "MRG-1": "Identifiers that go",
};

/** The filled fields of each segment; undefined where it is no such message. */
export function segmentsOf(text: string): readonly Segment[] | undefined {
  if (!text.startsWith("MSH")) return undefined;
  const separator = text.charAt(3);
  const encoding = text.split(separator)[1] ?? "";
  return text
    .split(/[\r\n]+/)
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", ...values] = line.split(separator);
      // The separator itself is the first field of the header.
      const first = name === "MSH" ? 2 : 1;
      const fields = values.flatMap((value, index) => {
        const place = `${name}-${index + first}`;
        if (value === "") return [];
        return [{ place, name: names[place], value, pieces: piecesOf(place, value, encoding) }];
      });
      return { name, fields };
    });
}

/** Places are numbered as the platform numbers them: a part where there are several, and a component before its own parts too. */
function piecesOf(field: string, value: string, encoding: string): readonly Piece[] {
  if (value === encoding) return [{ text: value, place: field }];
  const [component = "", repetition = "", , subcomponent = ""] = encoding;
  return apart(value, repetition, (one, nth, of) => {
    const repeated = of > 1 ? `${field}[${nth}]` : field;
    return apart(one, component, (whole, place, among) =>
      apart(whole, subcomponent, (text, deepest, within) => {
        const end = within > 1 ? `.${place}.${deepest}` : among > 1 ? `.${place}` : "";
        return text === "" ? [] : [{ text, place: repeated + end }];
      }),
    );
  });
}

/** The parts of a text, each made into pieces, with what separates them in between. */
function apart(
  text: string,
  by: string,
  made: (part: string, nth: number, of: number) => readonly Piece[],
): readonly Piece[] {
  const parts = by === "" ? [text] : text.split(by);
  return parts.flatMap((part, index) => [...(index > 0 ? [{ text: by }] : []), ...made(part, index + 1, parts.length)]);
}
