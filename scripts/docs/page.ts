// The pieces that printed pages are made of: tables and generated-file notices in Markdown.

/** The line that a printed page begins with, below its title. */
export const printedBy =
  "Printed by `scripts/print-docs.ts`; a test holds it to the code. Change the code, then print it again.";

/** A Markdown table. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), `|${heads.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
