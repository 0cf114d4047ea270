// What two texts share line by line, by their longest common part.

/** A line, and whether the second text has gained or lost it. */
export type Line = { readonly text: string; readonly sign: " " | "+" | "-" };

/** The lines of both texts in order. A text of some hundred lines; longer ones are shown without a comparison. */
export function linesOf(before: string, after: string): readonly Line[] {
  const [old, now] = [before.trimEnd().split("\n"), after.trimEnd().split("\n")];
  if (before === after || old.length * now.length > MOST_COMPARED) return now.map((text) => ({ text, sign: " " }));
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1)
      common[i]![j] = old[i] === now[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ text: now[j]!, sign: " " });
      i += 1;
      j += 1;
    } else if (j >= now.length || (i < old.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ text: old[i]!, sign: "-" });
      i += 1;
    } else {
      lines.push({ text: now[j]!, sign: "+" });
      j += 1;
    }
  }
  return lines;
}

const MOST_COMPARED = 4_000_000;
