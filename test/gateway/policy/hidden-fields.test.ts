// What leaves by the one serialiser: nothing that is hidden, nothing whole that is masked, and nothing but plain data.

import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { actionNames, purposes } from "../../../src/gateway/policy/actions.ts";
import { compileMasks, type View } from "../../../src/gateway/policy/compile-masks.ts";
import { readMasks, shownTypes } from "../../../src/gateway/policy/masks.ts";
import { roles } from "../../../src/gateway/policy/roles.ts";
import { openSerialiser } from "../../../src/gateway/policy/serialise.ts";
import type { Access } from "../../../src/gateway/policy/types.ts";
import { FOLDER } from "./askers.ts";

const masks = readMasks(`${FOLDER}/masks.yaml`);
const { write } = openSerialiser(masks);

/** What the masks let out of a value, told apart by how; everything else in it is hidden. */
const MARKER = "HIDDEN-MARKER";

const STRAYS = ["note", "toString", "constructor", "__proto__", "0", "fields", "value", "restrictedTo"];

/** A value at a place with the view `view` (undefined: hidden), with markers wherever nothing or not all may be shown. */
function planted(view: View | undefined, depth: number): fc.Arbitrary<unknown> {
  if (view === undefined || depth > 6) return hidden;
  if (view.shown !== undefined) {
    const deeper = fc.oneof(
      fc.constant({ deep: MARKER }),
      fc.constant([MARKER]),
      fc.constant({ toJSON: () => MARKER }),
    );
    if (view.shown === "whole" && view.whereabouts === undefined)
      return fc.oneof(fc.constant("plain"), fc.integer(), deeper);
    return fc.oneof(fc.constant(`${MARKER}-and-more`), fc.constant(MARKER), deeper);
  }
  if (view.elements)
    return fc.oneof(
      fc.array(planted(view.elements, depth + 1), { maxLength: 3 }),
      hidden.filter((value) => !Array.isArray(value)),
    );
  const named = [...(view.members ?? [])].map(([name, inner]) => [name, planted(inner, depth + 1)] as const);
  const strayNames = STRAYS.filter((name) => !view.members?.has(name));
  const strays = fc.dictionary(fc.constantFrom(...strayNames), hidden, { maxKeys: 3 });
  return fc
    .tuple(
      fc.record(Object.fromEntries(named), { requiredKeys: [] }),
      view.any ? fc.constant({}) : strays,
      fc.integer({ min: 0, max: 3 }),
    )
    .map(([known, stray, dress]) => dressed({ ...stray, ...known }, dress));
}

/** A class may hide what it likes: in its prototype, in a getter, in `toJSON`, behind a symbol. */
function dressed(value: Record<string, unknown>, dress: number): object {
  if (dress === 1)
    return Object.create(
      { [MARKER]: MARKER, id: MARKER, nhsNumber: MARKER, toJSON: () => MARKER },
      Object.getOwnPropertyDescriptors(value),
    );
  if (dress === 2) return Object.defineProperty(value, "toJSON", { value: () => MARKER, enumerable: true });
  if (dress === 3)
    return Object.defineProperty(Object.assign(value, { [Symbol("s")]: MARKER }), "gender", {
      get: () => MARKER,
      enumerable: true,
    });
  return value;
}

const hidden: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(MARKER),
    fc.constantFrom(
      [MARKER],
      { id: MARKER },
      new Map([[MARKER, MARKER]]),
      Object.assign(() => MARKER, { toJSON: () => MARKER }),
      new String(MARKER),
    ),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("id", "nhsNumber", "value", "deep"), tie("value"), { maxKeys: 2 }),
  ),
})).value;

const anyAccess = fc.record({
  action: fc.constantFrom(...actionNames),
  roles: fc.uniqueArray(fc.constantFrom(...roles), { maxLength: 3 }),
  scopes: fc.uniqueArray(fc.constantFrom(...actionNames), { maxLength: 2 }),
  purpose: fc.option(fc.constantFrom(...purposes), { nil: undefined }),
});
/** Accesses as some audience has them: one of few is seldom met by chance. */
const invited = Object.values(masks.audiences)
  .flat()
  .map((line) =>
    fc.record({
      action: fc.constantFrom(...(line.actions ?? actionNames)),
      roles: line.roles ? fc.constantFrom(...line.roles).map((role) => [role]) : fc.constant([]),
      scopes: line.scopes ? fc.constantFrom(...line.scopes).map((scope) => [scope]) : fc.constant([]),
      purpose: line.purposes ? fc.constantFrom(...line.purposes) : fc.constant(undefined),
    }),
  );
const accesses = fc.oneof(anyAccess, ...invited);

function isPlain(value: unknown): boolean {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return true;
  if (typeof value !== "object") return false;
  const prototype = Object.getPrototypeOf(value);
  const own = Object.values(Object.getOwnPropertyDescriptors(value));
  const isKnown = Array.isArray(value) ? prototype === Array.prototype : prototype === Object.prototype;
  return (
    isKnown &&
    Object.getOwnPropertySymbols(value).length === 0 &&
    own.every((one) => "value" in one) &&
    Object.values(value).every(isPlain)
  );
}

test.each(shownTypes)(
  "of a %s nothing hidden leaves, nothing masked leaves whole, and what leaves is plain data",
  (type) => {
    let [shown, withheld] = [0, 0];
    fc.assert(
      fc.property(
        accesses.chain((access) => fc.tuple(fc.constant(access), planted(compileMasks(masks, type, access), 0))),
        ([access, value]) => {
          const seen = write(type, value, access);
          const text = JSON.stringify(seen);
          expect(text).not.toContain(MARKER);
          expect(isPlain(seen)).toBe(true);
          if (text.includes("plain")) shown += 1;
          if (inspect(value, { depth: 9 }).includes(MARKER)) withheld += 1;
        },
      ),
      { numRuns: 400 },
    );
    // Had every access seen nothing, or had there been nothing to withhold, the promise above would be empty.
    expect(shown).toBeGreaterThan(0);
    expect(withheld).toBeGreaterThan(10);
  },
);

/** An object with a value of its own at every path that the masks of a type name. */
function full(paths: readonly string[]): Record<string, unknown> {
  const whole: Record<string, unknown> = { restricted: false };
  for (const [index, path] of paths.entries()) {
    let at = whole;
    const steps = path.split(".").map((step) => (step === "*" ? "anything" : step));
    for (const [depth, step] of steps.entries()) {
      const name = step.replace("[]", "");
      const isLast = depth === steps.length - 1;
      const value = path === "restricted" ? false : `V${String(index).padStart(4, "0")}-of-${path}`;
      if (isLast) at[name] = step.endsWith("[]") ? [value] : value;
      else {
        at[name] ??= step.endsWith("[]") ? [{}] : {};
        at = (step.endsWith("[]") ? (at[name] as object[])[0] : at[name]) as Record<string, unknown>;
      }
    }
  }
  return whole;
}

test.each(shownTypes)(
  "of a %s leaves what the masks say for an access, read once more by a reader of its own",
  (type) => {
    const rules = masks.types[type];
    const paths = rules.flatMap(({ fields }) => fields);
    const value = full(paths);
    const isIn = (names: readonly string[], { action, roles: had, scopes, purpose }: Access) =>
      names
        .flatMap((name) => masks.audiences[name]!)
        .some(
          (line) =>
            (!line.roles || line.roles.some((role) => had.includes(role))) &&
            (!line.scopes || line.scopes.some((scope) => scopes.includes(scope))) &&
            (!line.purposes || (purpose !== undefined && line.purposes.includes(purpose))) &&
            (!line.actions || line.actions.includes(action)),
        );
    fc.assert(
      fc.property(accesses, (access) => {
        const text = JSON.stringify(write(type, value, access));
        for (const { fields, visible, masked, as } of rules) {
          for (const field of fields.filter((path) => path !== "restricted" && !path.startsWith("content.rows[]."))) {
            const whole = `V${String(paths.indexOf(field)).padStart(4, "0")}-of-${field}`;
            const leaf = text.includes(`"${whole}"`);
            expect([field, leaf]).toEqual([field, isIn(visible, access)]);
            const isMasked = !leaf && isIn(masked, access);
            const left = as === "last-three" ? `"•••${whole.slice(-3)}"` : '"•••"';
            if (isMasked) expect(text).toContain(left);
          }
        }
      }),
    );
  },
);
