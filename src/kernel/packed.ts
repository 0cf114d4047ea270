// Byte strings of many rows as one parameter of a statement.

/** Byte strings one after another, and where each begins (from 1) and how long it is: `substring(bytes from offset for size)`. */
type Packed = {
  readonly bytes: Uint8Array;
  readonly offsets: readonly number[];
  readonly sizes: readonly number[];
};

/** Packs byte strings, which the server cuts up again: an array of bytea would go as text, at twice the size. Null is of size 0. */
export function packed(values: readonly (Uint8Array | null)[]): Packed {
  let offset = 1;
  const offsets = values.map((value) => {
    const from = offset;
    offset += value?.byteLength ?? 0;
    return from;
  });
  const bytes = Buffer.concat(values.filter((value) => value !== null));
  return { bytes, offsets, sizes: values.map((value) => value?.byteLength ?? 0) };
}
