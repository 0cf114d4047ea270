// The three-way decision: what we want, what the target holds, what we last saw there.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, type Held, type Values, type WriteRequest } from "#engine/writeback";

const request = (values: Values, eventAt = 1_000): WriteRequest => ({
  subject: "s",
  idempotencyKey: "k",
  values,
  eventAt,
});
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
