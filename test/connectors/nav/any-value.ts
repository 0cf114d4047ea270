// Arbitrary values that a NAV field can hold and give back unchanged.

import fc from "fast-check";
import type { FieldForm, FieldValue } from "../../../src/connectors/nav/fields.ts";

const day = fc
  .date({ min: new Date("1753-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const textOf = (maxLength: number) =>
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength })
    .map((text) => text.replace(/\p{Cc}/gu, "").trim())
    .filter((text) => text !== "" && text.length <= maxLength);

/** Whatever a field of that form holds. */
export function anyValue(form: FieldForm): fc.Arbitrary<FieldValue> {
  switch (form.kind) {
    case "boolean":
      return fc.boolean();
    case "number":
      return fc
        .integer({ min: 1, max: Math.min(form.most * 10 ** form.decimals, Number.MAX_SAFE_INTEGER) })
        .map((steps) => Number((steps / 10 ** form.decimals).toFixed(form.decimals)));
    case "date":
      return fc.option(day);
    case "option":
      return fc.option(fc.constantFrom(...Object.keys(form.members)));
    case "text":
      return fc.option(textOf(form.maxLength));
    case "code":
      if (form.members) return fc.option(fc.constantFrom(...form.members));
      return fc.option(
        textOf(form.maxLength)
          .map((text) => text.toUpperCase().trim())
          .filter((text) => text.length <= form.maxLength && text.toUpperCase() === text),
      );
  }
}
