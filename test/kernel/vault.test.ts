// The vault: what is sealed opens in its place alone, under its key alone, and only as it was sealed.

import { createDecipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closedVault, nonces, sealBytes, vaultOf } from "#kernel/vault";

const key = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex");
const yesterday = Buffer.alloc(32, 7);
const search = Buffer.from("202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f", "hex");
const data = new Map([
  [1, yesterday],
  [2, key],
]);
const vault = vaultOf({ data, current: () => 2, search, opensUnsealed: false });
const [column, row] = ["demographics.person.fields", "0197d1f0-0000-7000-8000-000000000001"];

const guide = readFileSync("docs/guides/secrets.md", "utf8");
const vectors = JSON.parse(/```json vectors\n([\s\S]*?)```/.exec(guide)![1]!) as {
  sealed: { keyId: number; key: string; nonce: string; column: string; row: string; plain: string; sealed: string }[];
  seek: { key: string; kind: string; text: string; hash: string }[];
  blind: { key: string; number: number; hidden: number }[];
};

describe("published vectors", () => {
  test.each(vectors.sealed)("seal and open as the guide says: $plain", (vector) => {
    const keys = { data: new Map([[vector.keyId, Buffer.from(vector.key, "hex")]]), current: () => vector.keyId };
    const fixed = vaultOf(
      { ...keys, search, opensUnsealed: false },
      (into, at) => void Buffer.from(vector.nonce, "hex").copy(into, at),
    );
    expect(fixed.seal(vector.plain, vector.column, vector.row).toString("hex")).toBe(vector.sealed);
    expect(fixed.open(Buffer.from(vector.sealed, "hex"), vector.column, vector.row).toString()).toBe(vector.plain);
  });

  test.each(vectors.seek)("hash $kind as the guide says", ({ key, kind, text, hash }) => {
    expect(
      vaultOf({ data, current: () => 2, search: Buffer.from(key, "hex"), opensUnsealed: false }).seek(text, kind),
    ).toBe(hash);
  });

  test.each(vectors.blind)("hide $number as the guide says", ({ key, number, hidden }) => {
    expect(
      vaultOf({ data, current: () => 2, search: Buffer.from(key, "hex"), opensUnsealed: false }).blind([number]),
    ).toEqual([hidden]);
  });

  test("are of plain AES-256-GCM, as any library reads them", () => {
    const sealed = vault.seal("plain", column, row);
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(5, 17));
    decipher.setAAD(Buffer.from(`${column.length}:${column}${row}`)).setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([decipher.update(sealed.subarray(17, -16)), decipher.final()]).toString()).toBe("plain");
  });
});

describe("a sealed value", () => {
  test("opens as it was sealed, whatever it is and wherever it stands", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.string(), fc.string(), (bytes, at, of) => {
        const sealed = vault.seal(bytes, at, of);
        expect(sealed.byteLength).toBe(bytes.byteLength + sealBytes);
        expect(vault.open(sealed, at, of).equals(bytes)).toBe(true);
      }),
    );
  });

  test("does not open with any bit of it changed", () => {
    const sealed = vault.seal("Quill, Ada", column, row);
    for (let bit = 0; bit < sealed.byteLength * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => vault.open(changed, column, row)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^VAULT_(BROKEN|KEY_UNKNOWN)$/) }),
      );
    }
  });

  test("does not open with anything cut off or added", () => {
    const sealed = vault.seal("Quill, Ada", column, row);
    for (let bytes = 0; bytes < sealed.byteLength; bytes += 1)
      expect(() => vault.open(sealed.subarray(0, bytes), column, row)).toThrow(
        expect.objectContaining({ code: "VAULT_BROKEN" }),
      );
    expect(() => vault.open(Buffer.concat([sealed, Buffer.alloc(1)]), column, row)).toThrow(
      expect.objectContaining({ code: "VAULT_BROKEN" }),
    );
  });

  test.each([
    ["another row", column, "0197d1f0-0000-7000-8000-000000000002"],
    ["another column", "demographics.person.refused", row],
    ["a row that begins in the column's name", column.slice(0, -1), `${column.slice(-1)}${row}`],
  ])("does not open in the place of %s", (_, at, of) => {
    const sealed = vault.seal("Quill, Ada", column, row);
    expect(() => vault.open(sealed, at, of)).toThrow(expect.objectContaining({ code: "VAULT_BROKEN" }));
  });

  test("opens under the key of yesterday, and tells the keys that it does not know", () => {
    const before = vaultOf({ data, current: () => 1, search, opensUnsealed: false }).seal("Quill, Ada", column, row);
    expect(vault.open(before, column, row).toString()).toBe("Quill, Ada");
    const missed: number[] = [];
    const young = vaultOf({
      data: new Map([[2, key]]),
      current: () => 2,
      search,
      opensUnsealed: false,
      missing: (id) => missed.push(id),
    });
    expect(() => young.open(before, column, row)).toThrow(expect.objectContaining({ code: "VAULT_KEY_UNKNOWN" }));
    expect(missed).toEqual([1]);
  });

  test("of before there was sealing opens only while some are left", () => {
    const old = Buffer.concat([Buffer.from([0]), Buffer.from("Quill, Ada")]);
    const lenient = vaultOf({ data, current: () => 2, search, opensUnsealed: true });
    expect(lenient.open(old, column, row).toString()).toBe("Quill, Ada");
    expect(() => vault.open(old, column, row)).toThrow(expect.objectContaining({ code: "VAULT_BROKEN" }));
  });

  test("is refused by a process that has no keys", () => {
    expect(() => closedVault.seal("a", column, row)).toThrow(expect.objectContaining({ code: "VAULT_CLOSED" }));
    expect(() => closedVault.seek("a", "nhs number")).toThrow(expect.objectContaining({ code: "VAULT_CLOSED" }));
  });
});

test("nonces never come twice, past the end of a counter either", () => {
  let prefixes = 0;
  const write = nonces(() => Buffer.alloc(8, ++prefixes), 100);
  const seen = new Set<string>();
  for (let count = 0; count < 350; count += 1) {
    const into = Buffer.alloc(12);
    write(into, 0);
    seen.add(into.toString("hex"));
  }
  expect(seen.size).toBe(350);
  expect(prefixes).toBe(4);
});

test("hashes tell equal texts of one kind, and nothing across kinds or keys", () => {
  const other = vaultOf({ data, current: () => 2, search: Buffer.alloc(32, 9), opensUnsealed: false });
  expect(vault.seek("9434765919", "nhs number")).toBe(vault.seek("9434765919", "nhs number"));
  expect(vault.seek("9434765919", "nhs number")).toMatch(/^[\w-]{22}$/);
  expect(vault.seek("9434765919", "identifier")).not.toBe(vault.seek("9434765919", "nhs number"));
  expect(other.seek("9434765919", "nhs number")).not.toBe(vault.seek("9434765919", "nhs number"));
  expect(vault.seek("b", "a")).not.toBe(vault.seek("", "ab"));
});

test("hidden numbers are below 2^53, alike where the numbers are, and elsewhere strangers", () => {
  const numbers = [0, 1, 2 ** 53 - 1, 1, 2 ** 32, 2 ** 32 - 1];
  const hidden = vault.blind(numbers);
  expect(hidden.every((one) => Number.isSafeInteger(one) && one >= 0)).toBe(true);
  expect(hidden[1]).toBe(hidden[3]);
  expect(new Set(hidden).size).toBe(5);
  expect(vault.blind([1])).toEqual([hidden[1]]);
});
