// What two decisions on the same person differ in.

import type { PackField } from "./fields.ts";
import type { Decision } from "./types.ts";

/** One difference: of a field, of the person as a whole, or of what people are asked. */
export type DecisionDifference = {
  readonly field: PackField | "person" | "ask";
  readonly was: string;
  readonly would: string;
};

/** Where `would` decides otherwise than `was`. Names verdicts only, never a value. */
export function differencesOf(was: Decision, would: Decision): DecisionDifference[] {
  const before = verdictsOf(was);
  const after = verdictsOf(would);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((field) => {
    const [then, now] = [before.get(field) ?? "same", after.get(field) ?? "same"];
    return then === now ? [] : [{ field, was: then, would: now }];
  });
}

function verdictsOf({ person, fields, ask }: Decision): Map<DecisionDifference["field"], string> {
  return new Map<DecisionDifference["field"], string>([
    ["person", person.verdict],
    ...fields.map(({ field, verdict }) => [field, verdict] as const),
    ["ask", ask ? `${ask.kind} by ${ask.quorum} of ${ask.roles.join(", ")}` : "nobody"],
  ]);
}
