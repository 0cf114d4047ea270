// How commands speak: text for people or JSON for programs, and exit codes that mean something.

import { asLockgateError } from "#kernel/errors";

/** Done, refused by the platform or a peer, or called wrongly. */
export const EXIT = { done: 0, refused: 1, usage: 2 } as const;

export const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Prints `value` as JSON, or `human` where that was not asked for. */
export function show(json: boolean, value: unknown, human: () => string): void {
  print(json ? JSON.stringify(value, undefined, 2) : human());
}

/** Rows as aligned columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, column) => Math.max(all[column] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A value as one line that can neither steer a terminal nor turn the direction of its text. */
export function printable(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, "\uFFFD");
}

/** How far a job is that goes on by itself, in one line; `things`: what it is about. */
export const jobLine = (
  {
    id,
    state,
    targets,
    counts,
    lapsed,
    actingBy,
  }: {
    readonly id: string;
    readonly state: string;
    readonly targets: number;
    readonly counts: Readonly<Record<string, number>>;
    readonly lapsed: "time" | "roles" | null;
    readonly actingBy: string | null;
  },
  things: string,
): string => {
  const told = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
  const why = lapsed === "time" ? "eight hours are over" : `${actingBy} lost a role`;
  return `${id}  ${state}  ${targets} ${things}: ${told}${lapsed ? `  stopped by itself: ${why}; resume it to take it on` : ""}`;
};

/** Says in one line what went wrong. @returns the exit code */
export function refuse(thrown: unknown, json: boolean): number {
  const error = asLockgateError(thrown);
  if (json) print(JSON.stringify({ error: { code: error.code, message: error.message } }));
  else process.stderr.write(`${error.code}: ${error.message}\n`);
  if (error.code === "INTERNAL" && error.cause instanceof Error)
    process.stderr.write(`${error.cause.stack?.split("\n").slice(1, 5).join("\n")}\n`);
  return error.code === "CONFIG_INVALID" ? EXIT.usage : EXIT.refused;
}
