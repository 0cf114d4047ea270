// Records made ready, packed into shared memory: a million of them are some hundred megabytes, and every thread reads them.

import { addressOfKey, nameOfParts } from "../prepare.ts";
import type { AddressForm, Prepared } from "../types.ts";
import { hashOf, mixer } from "./contents-hash.ts";
import { type PackedName, packedName } from "./plain-names.ts";

/** Records of one batch of rows. Texts stand once, as length and UTF-8; 0 is where none was told. */
export type PackedBatch = {
  readonly rows: number;
  /** `width` numbers for each record: see `slot`. */
  readonly ints: Int32Array;
  /** Four numbers for each record: NHS number (negative: one that fails its check), phone, postcode, and one told from all. */
  readonly numbers: Float64Array;
  readonly texts: Uint8Array;
  /** Where each name of the batch stands in `texts`; names go by their place here, from 1 on. */
  readonly names: Uint32Array;
};

/** Places in the numbers of a record. */
export const numberSlot = {
  nhsNumber: 0,
  phone: 1,
  postcode: 2,
  /** A hash of all that is compared: records that are equal in all of it have the same, and others hardly ever. */
  whole: 3,
} as const;
export const numbersOfOne = 4;

/** Places in the integers of a record. An `id` of 0 is that of a row left out. Extra columns follow the last. */
export const slot = {
  given: 0,
  middle: 1,
  family: 2,
  town: 3,
  birthDate: 4,
  gender: 5,
  line: 6,
  id: 7,
  address: 8,
  /** A hash of the address, and of the number in it: where hashes differ, so do they. */
  addressHash: 9,
  addressNumber: 10,
  email: 11,
  extra: 12,
} as const;
export const widthOf = (extraColumns: number): number => slot.extra + extraColumns;

/** Every batch has room for so many records, so that a record's number tells its batch. */
const batchBits = 14;
export const batchRows = 1 << batchBits;

/** Packs the records of one batch. */
export function packer(extraColumns: number) {
  const width = widthOf(extraColumns);
  const ints = new Int32Array(batchRows * width);
  const numbers = new Float64Array(batchRows * numbersOfOne);
  let texts = Buffer.alloc(1 << 20);
  let used = 1;
  let rows = 0;
  const names = new Map<string, number>();
  const nameTexts: number[] = [];
  // Of each name, and of none.
  const nameHashes = [0];

  const textAt = (text: string | undefined): number => {
    if (!text) return 0;
    const most = used + 4 + text.length * 3;
    if (most > texts.length) texts = Buffer.concat([texts], Math.max(most, texts.length * 2));
    const start = used;
    const length = texts.write(text, start + 4);
    texts.writeUInt32LE(length, start);
    used += 4 + length;
    return start;
  };
  const nameAt = (name: string | undefined): number => {
    if (!name) return 0;
    const known = names.get(name);
    if (known !== undefined) return known;
    const place = nameTexts.push(textAt(name));
    nameHashes.push(hashOf(name));
    names.set(name, place);
    return place;
  };

  const whole = mixer();
  const wholeOf = ({ email, extra }: Prepared, at: number, first: number): number => {
    whole.begin();
    for (const place of named) whole.add(nameHashes[ints[at + place]!]!);
    for (const place of plain) whole.add(ints[at + place]!);
    for (let place = first; place < first + numberSlot.whole; place += 1) {
      const high = Math.floor(numbers[place]! / 2 ** 32);
      whole.add(numbers[place]! - high * 2 ** 32);
      whole.add(high);
    }
    if (email) whole.add(hashOf(email));
    for (const text of extra) whole.add(hashOf(text));
    return whole.sum();
  };

  return {
    add(id: string, line: number, record: Prepared) {
      const at = rows * width;
      ints[at + slot.given] = nameAt(record.given?.text);
      ints[at + slot.middle] = nameAt(record.middle?.text);
      ints[at + slot.family] = nameAt(record.family?.text);
      ints[at + slot.town] = nameAt(record.town);
      ints[at + slot.birthDate] = record.birthDate?.number ?? 0;
      ints[at + slot.gender] = record.gender === "male" ? 1 : record.gender === "female" ? 2 : 0;
      ints[at + slot.line] = line;
      ints[at + slot.id] = textAt(id);
      ints[at + slot.address] = textAt(record.address?.key);
      ints[at + slot.addressHash] = record.address ? hashOf(record.address.key) : 0;
      ints[at + slot.addressNumber] = record.address ? hashOf(record.address.number) : 0;
      ints[at + slot.email] = textAt(record.email);
      for (let column = 0; column < extraColumns; column += 1)
        ints[at + slot.extra + column] = textAt(record.extra[column]);
      const { nhsNumber, nearNhsNumber, phone, postcode } = record;
      // Numbers of people begin with any digit; a 1 before them keeps their zeros.
      const first = rows * numbersOfOne;
      numbers[first] = nhsNumber ? Number(`1${nhsNumber}`) : nearNhsNumber ? -Number(`1${nearNhsNumber}`) : 0;
      numbers[first + numberSlot.phone] = phone ? Number(phone.slice(1)) : 0;
      numbers[first + numberSlot.postcode] = postcode ? Number.parseInt(postcode.full, 36) : 0;
      numbers[first + numberSlot.whole] = wholeOf(record, at, first);
      rows += 1;
    },
    finish(): PackedBatch {
      const batch = {
        rows,
        ints: shared(Int32Array, ints.subarray(0, rows * width)),
        numbers: shared(Float64Array, numbers.subarray(0, rows * numbersOfOne)),
        texts: shared(Uint8Array, texts.subarray(0, used)),
        names: shared(Uint32Array, Uint32Array.from(nameTexts)),
      };
      [used, rows, nameTexts.length, nameHashes.length] = [1, 0, 0, 1];
      names.clear();
      return batch;
    },
  };
}

/** Places of names, and of numbers that are the same in every batch. */
const named = [slot.given, slot.middle, slot.family, slot.town] as const;
const plain = [slot.birthDate, slot.gender, slot.addressHash, slot.addressNumber] as const;

type Typed = Int32Array | Float64Array | Uint8Array | Uint32Array;

/** A copy that other threads can read. */
function shared<T extends Typed>(
  kind: { new (buffer: SharedArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
  values: ArrayLike<number> & { readonly length: number },
): T {
  const copy = new kind(new SharedArrayBuffer(values.length * kind.BYTES_PER_ELEMENT));
  copy.set(values);
  return copy;
}

/** Reads packed records in part, by number. */
export type PackedReader = {
  readonly records: number;
  /** Whether the row was not left out. */
  isIn(record: number): boolean;
  /** `undefined` for a row that was left out. */
  idOf(record: number): string | undefined;
  int(record: number, place: number): number;
  number(record: number, place: number): number;
  name(record: number, place: number): PackedName | undefined;
  townOf(record: number): string | undefined;
  addressOf(record: number): AddressForm | undefined;
  /** Whether two addresses, both told, are the same; reads no text. */
  isAddressSame(a: number, b: number): boolean;
  emailOf(record: number): string | undefined;
  numberOf(record: number): Pick<Prepared, "nhsNumber" | "nearNhsNumber">;
  extraOf(record: number): readonly string[];
};

/** A function that reads the id of a record; `undefined` for a row that was left out. */
export function idReader(
  batches: readonly PackedBatch[],
  extraColumns: number,
): (record: number) => string | undefined {
  const width = widthOf(extraColumns);
  const buffers = batches.map(({ texts }) => Buffer.from(texts.buffer as ArrayBuffer));
  return (record) => {
    const [batch, row] = [record >>> batchBits, record & (batchRows - 1)];
    const { rows, ints } = batches[batch]!;
    return row < rows ? textAt(buffers[batch]!, ints[row * width + slot.id]!) : undefined;
  };
}

const noExtra: readonly string[] = [];

export function packedReader(batches: readonly PackedBatch[], extraColumns: number): PackedReader {
  const width = widthOf(extraColumns);
  const buffers = batches.map(({ texts }) => Buffer.from(texts.buffer as ArrayBuffer));
  const named = new Map<string, PackedName>();
  // At the place 0, which is that of names not told, nothing: an array is slow to ask for what it never had.
  const forms: (PackedName | undefined)[][] = [];
  for (const [index, batch] of batches.entries()) {
    const of = Array.from(batch.names, (at) => {
      const text = textAt(buffers[index]!, at)!;
      const found = named.get(text) ?? packedName(nameOfParts(text.split(" ")));
      named.set(text, found);
      return found;
    });
    forms.push([undefined, ...of]);
  }
  const int = (record: number, place: number): number =>
    batches[record >>> batchBits]!.ints[(record & (batchRows - 1)) * width + place]!;
  const number = (record: number, place: number): number =>
    batches[record >>> batchBits]!.numbers[(record & (batchRows - 1)) * numbersOfOne + place]!;
  const text = (record: number, place: number): string | undefined =>
    textAt(buffers[record >>> batchBits]!, int(record, place));
  const name = (record: number, place: number) => forms[record >>> batchBits]![int(record, place)];
  const townOf = (record: number) => name(record, slot.town)?.text;
  const addressOf = (record: number) => {
    const key = text(record, slot.address);
    return key === undefined ? undefined : addressOfKey(key);
  };
  const bytesAt = (record: number, place: number) => {
    const buffer = buffers[record >>> batchBits]!;
    const at = int(record, place);
    return { buffer, from: at + 4, till: at + 4 + buffer.readUInt32LE(at) };
  };
  const isAddressSame = (a: number, b: number) => {
    const [one, other] = [bytesAt(a, slot.address), bytesAt(b, slot.address)];
    if (one.till - one.from !== other.till - other.from) return false;
    return one.buffer.compare(other.buffer, other.from, other.till, one.from, one.till) === 0;
  };
  const emailOf = (record: number) => text(record, slot.email);
  const numberOf = (record: number) => {
    const code = number(record, numberSlot.nhsNumber);
    return {
      nhsNumber: code > 0 ? String(code).slice(1) : undefined,
      nearNhsNumber: code < 0 ? String(-code).slice(1) : undefined,
    };
  };
  const extraOf = (record: number): readonly string[] => {
    if (extraColumns === 0) return noExtra;
    return Array.from({ length: extraColumns }, (_, column) => text(record, slot.extra + column) ?? "");
  };

  return {
    records: batches.length * batchRows,
    isIn: (record) => (record & (batchRows - 1)) < batches[record >>> batchBits]!.rows && int(record, slot.id) !== 0,
    idOf: idReader(batches, extraColumns),
    int,
    number,
    name,
    townOf,
    addressOf,
    isAddressSame,
    emailOf,
    numberOf,
    extraOf,
  };
}

function textAt(buffer: Buffer, at: number): string | undefined {
  if (at === 0) return undefined;
  return buffer.toString("utf8", at + 4, at + 4 + buffer.readUInt32LE(at));
}
