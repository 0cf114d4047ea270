// A pipe-delimited message as segments and fields, so that one can point at a field.

export type Field = { readonly place: string; readonly name: string | undefined; readonly value: string };
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
  return text
    .split(/[\r\n]+/)
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", ...values] = line.split(separator);
      // The separator itself is the first field of the header.
      const first = name === "MSH" ? 2 : 1;
      const fields = values.flatMap((value, index) => {
        const place = `${name}-${index + first}`;
        return value === "" ? [] : [{ place, name: names[place], value }];
      });
      return { name, fields };
    });
}
