// Putting back what was known before, where nothing else has been said since.

import type { PersonField } from "#canonical/model";
import type { KnownFields, Said } from "./said.ts";

/** `known` with `before` in place of what is still as `applied`. */
export const restored = (known: KnownFields, applied: KnownFields, before: KnownFields): KnownFields =>
  putBack(known, applied, before, (now, then) => now.at === then.at && now.source === then.source);

/**
 * `known` with `before` in place of what still has the value of `applied`, which is not in the ERP. Who said it again since
 * was told that nothing is new: said once more, it has to be.
 */
export const forgotten = (known: KnownFields, applied: KnownFields, before: KnownFields): KnownFields =>
  putBack(known, applied, before, (now, then) => now.at >= then.at);

function putBack(
  known: KnownFields,
  applied: KnownFields,
  before: KnownFields,
  isStill: (now: Said, then: Said) => boolean,
): KnownFields {
  const fields: Record<string, Said> = { ...known };
  for (const [field, said] of Object.entries(applied) as [PersonField, Said][]) {
    const now = fields[field];
    if (now?.value !== said.value || !isStill(now, said)) continue;
    const earlier = before[field];
    if (earlier) fields[field] = earlier;
    else delete fields[field];
  }
  return fields;
}
