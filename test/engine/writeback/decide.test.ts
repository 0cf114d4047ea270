// The three-way decision: what we want, what the target holds, what we last saw there.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Basis, decide, type Held, onBasis, type Values, type WriteRequest } from "#engine/writeback";

const request = (values: Values, basis?: Basis, eventAt = 1_000): WriteRequest => ({
  subject: "s",
  idempotencyKey: "k",
  values,
  eventAt,
  ...(basis ? { basis } : {}),
});
const basis = (values: Values, version = "v", strict = false): Basis => ({ version, values, strict });
const held = (values: Values, modifiedAt = 500): Held => ({ externalId: "e", version: "v", modifiedAt, values });

describe("deciding on a write", () => {
  test.each<[string, Values, Values, Values | undefined, number, object]>([
    [
      "writes only what differs",
      { a: "2", b: "1" },
      { a: "1", b: "1" },
      { a: "1", b: "1" },
      500,
      { write: "values", values: { a: "2" } },
    ],
    ["writes nothing that is there already", { a: "1" }, { a: "1", b: "9" }, undefined, 500, { write: "nothing" }],
    ["takes a missing field for a blank one", { a: null }, {}, undefined, 500, { write: "nothing" }],
    ["blanks a field", { a: null }, { a: "1" }, { a: "1" }, 500, { write: "values", values: { a: null } }],
    [
      "leaves unsaid fields alone",
      { a: undefined, b: "2" },
      { a: "1", b: "1" },
      undefined,
      500,
      { write: "values", values: { b: "2" } },
    ],
    [
      "refuses to overwrite what somebody else changed after the event",
      { a: "2" },
      { a: "3" },
      { a: "1" },
      2_000,
      { write: "refused", fields: ["a"] },
    ],
    [
      "overwrites what somebody else changed before the event",
      { a: "2" },
      { a: "3" },
      { a: "1" },
      900,
      { write: "values", values: { a: "2" } },
    ],
    [
      "overwrites its own later write of another field",
      { a: "2" },
      { a: "1", b: "9" },
      { a: "1", b: "9" },
      2_000,
      { write: "values", values: { a: "2" } },
    ],
    [
      "takes over a record that it has never seen",
      { a: "2" },
      { a: "3" },
      undefined,
      2_000,
      { write: "values", values: { a: "2" } },
    ],
  ])("%s", (_, wanted, current, lastSeen, modifiedAt, expected) => {
    expect(decide(request(wanted), held(current, modifiedAt), lastSeen)).toEqual(expected);
  });

  const values = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2", null, true));

  test("wants nothing more once its values are written", () => {
    fc.assert(
      fc.property(
        values,
        values,
        fc.option(values, { nil: undefined }),
        fc.integer({ min: 0, max: 2_000 }),
        (wanted, current, lastSeen, modifiedAt) => {
          const decision = decide(request(wanted), held(current, modifiedAt), lastSeen);
          const after =
            decision.write === "values"
              ? { ...current, ...decision.values }
              : decision.write === "nothing"
                ? current
                : undefined;
          if (after) expect(decide(request(wanted), held(after, modifiedAt), after)).toEqual({ write: "nothing" });
        },
      ),
    );
  });
});

describe("deciding on a basis that the caller has read", () => {
  test.each<[string, Values, Basis | undefined, Values | undefined]>([
    ["writes what differs from it", { a: "2", b: "1" }, basis({ a: "1", b: "1", c: "9" }), { a: "2" }],
    ["blanks what it holds", { a: null }, basis({ a: "1" }), { a: null }],
    ["looks first where nothing differs from it", { a: "1" }, basis({ a: "1" }), undefined],
    ["looks first where it does not name a field that is asked for", { a: "2", b: "2" }, basis({ a: "1" }), undefined],
    ["takes a field that it calls blank for named", { a: "2" }, basis({ a: null }), { a: "2" }],
    ["looks first without one", { a: "2" }, undefined, undefined],
  ])("%s", (_, wanted, given, expected) => {
    expect(onBasis(request(wanted, given))).toEqual(expected);
  });

  const [approved, seen] = [true, false];
  test.each<[string, Values, { at: string; strict: boolean }, Values, Values | undefined, number, object]>([
    [
      "refuses a record that moved after an approval, and names the fields that moved",
      { a: "1", b: "1" },
      { at: "u", strict: approved },
      { a: "3", b: "1" },
      undefined,
      500,
      { write: "refused", fields: ["a"] },
    ],
    [
      "refuses a record that moved after an approval also where only another field moved",
      { a: "1", b: "1" },
      { at: "u", strict: approved },
      { a: "1", b: "9" },
      undefined,
      500,
      { write: "refused", fields: [] },
    ],
    [
      "writes what was approved where the record has not moved, however late the event is",
      { a: "1" },
      { at: "v", strict: approved },
      { a: "1" },
      { a: "0" },
      2_000,
      { write: "values", values: { a: "2" } },
    ],
    [
      "decides again where a record moved that nobody approved",
      { a: "1" },
      { at: "u", strict: seen },
      { a: "3" },
      undefined,
      900,
      { write: "values", values: { a: "2" } },
    ],
    [
      "refuses to overwrite what somebody else changed since, after the event",
      { a: "1" },
      { at: "u", strict: seen },
      { a: "3" },
      { a: "1" },
      2_000,
      { write: "refused", fields: ["a"] },
    ],
    [
      "overwrites what our own change before it made of the field",
      { a: "1" },
      { at: "u", strict: seen },
      { a: "3" },
      { a: "3" },
      2_000,
      { write: "values", values: { a: "2" } },
    ],
    [
      "overwrites what the caller saw and we did not",
      { a: "1" },
      { at: "u", strict: seen },
      { a: "1" },
      { a: "0" },
      2_000,
      { write: "values", values: { a: "2" } },
    ],
  ])("%s", (_, read, { at, strict }, current, lastSeen, modifiedAt, expected) => {
    expect(decide(request({ a: "2" }, basis(read, at, strict)), held(current, modifiedAt), lastSeen)).toEqual(expected);
  });
});
