// What the product aims at, set beside what was measured; for a reader, never a pass or a fail.

/** A result as the benches print it. */
export type Line = { readonly bench: string; readonly case: string; readonly connections?: number } & Readonly<
  Record<string, unknown>
>;

type Target = {
  readonly what: string;
  readonly aim: string;
  /** The figure in `line`, where this target is about it. */
  read(line: Line): number | undefined;
  holds(figure: number): boolean;
};

const number = (line: Line, ...path: string[]): number | undefined => {
  let value: unknown = line;
  for (const key of path) value = (value as Record<string, unknown> | undefined)?.[key];
  return typeof value === "number" ? value : undefined;
};

const atLeast = (least: number) => (figure: number) => figure >= least;
const atMost = (most: number) => (figure: number) => figure <= most;
const at = (bench: string, connections: number, line: Line) => line.bench === bench && line.connections === connections;

const isClosedAtFullRate = (line: Line) => line.bench === "journey" && line.case !== "at half that rate";

const ofMatching = (line: Line, figure: string, cases: RegExp): number | undefined =>
  line.bench === "matching" && cases.test(line.case) ? number(line, figure) : undefined;

const ofGateway = (line: Line, name: string, figure: string): number | undefined =>
  line.bench === "gateway" && line.case === name ? number(line, figure) : undefined;

const ofMillion = (line: Line, name: string): boolean =>
  line.bench === "match-index" && line.population === 1_000_000 && line.case === name;

const ofBulk = (line: Line, figure: string): number | undefined =>
  line.bench === "match-bulk" && line.records === 1_000_000 ? number(line, figure) : undefined;

const targets: readonly Target[] = [
  {
    what: "acknowledged once durable, 50 connections",
    aim: "≥ 5,000 /s",
    read: (line) => (at("mllp", 50, line) ? number(line, "perSecond") : undefined),
    holds: atLeast(5_000),
  },
  {
    what: "p99 of the acknowledgement, 10 connections",
    aim: "< 13.2 ms",
    read: (line) => (at("mllp", 10, line) ? number(line, "p99Ms") : undefined),
    holds: (figure) => figure < 13.2,
  },
  {
    what: "p99 of the acknowledgement, 50 connections",
    aim: "< 66.7 ms",
    read: (line) => (at("mllp", 50, line) ? number(line, "p99Ms") : undefined),
    holds: (figure) => figure < 66.7,
  },
  {
    what: "delivered through the relay, 50 connections",
    aim: "≥ 3,000 /s",
    read: (line) => (at("relay", 50, line) ? number(line, "perSecond") : undefined),
    holds: atLeast(3_000),
  },
  {
    what: "CPU of a message through the relay, 50 connections",
    aim: "≤ 0.5 ms",
    read: (line) => (at("relay", 50, line) ? number(line, "cpuMsPerMessage", "total") : undefined),
    holds: atMost(0.5),
  },
  {
    what: "disk of a message through the relay",
    aim: "≤ 3,000 bytes",
    read: (line) => (at("relay", 50, line) ? number(line, "bytesOnDiskPerMessage") : undefined),
    holds: atMost(3_000),
  },
  {
    what: "transitions of sagas",
    aim: "≥ 2,000 /s",
    read: (line) => (line.bench === "sagas" ? number(line, "transitionsPerSecond") : undefined),
    holds: atLeast(2_000),
  },
  {
    what: "CPU of a transition",
    aim: "≤ 0.2 ms",
    read: (line) => (line.bench === "sagas" ? number(line, "cpuMsPerTransition", "total") : undefined),
    holds: atMost(0.2),
  },
  {
    what: "journeys from the hospital to the ERP, closed",
    aim: "≥ 300 /s",
    read: (line) => (isClosedAtFullRate(line) ? number(line, "perSecond") : undefined),
    holds: atLeast(300),
  },
  {
    what: "p99 from send to closed, at half that rate",
    aim: "< 2,000 ms",
    read: (line) => (line.bench === "journey" && !isClosedAtFullRate(line) ? number(line, "p99Ms") : undefined),
    holds: (figure) => figure < 2_000,
  },
  {
    what: "ready on existing data",
    aim: "≤ 3 s",
    read: (line) => (line.case === "ready on existing data" ? number(line, "seconds") : undefined),
    holds: atMost(3),
  },
  {
    what: "idle memory, Node's RSS and PostgreSQL's PSS",
    aim: "≤ 300 MB",
    read(line) {
      const node = number(line, "idleMemoryMb", "nodeRss");
      const postgres = number(line, "idleMemoryMb", "postgresPss");
      return node === undefined || postgres === undefined ? undefined : node + postgres;
    },
    holds: atMost(300),
  },
  {
    what: "JSON writes through the gateway in a second of CPU",
    aim: "≥ 5,000",
    read: (line) => ofGateway(line, "comment on a work item", "perCpuSecond"),
    holds: atLeast(5_000),
  },
  {
    what: "cost of such a write beside bare node:http",
    aim: "≤ 12 times",
    read: (line) => ofGateway(line, "beside bare node:http", "timesBare"),
    holds: atMost(12),
  },
  {
    what: "p99 of such a write at half load",
    aim: "< 25 ms",
    read: (line) => ofGateway(line, "at half that rate", "p99Ms"),
    holds: (figure) => figure < 25,
  },
  {
    what: "p99 of a match among a million persons, one at a time",
    aim: "≤ 5 ms",
    read: (line) => (ofMillion(line, "one at a time") ? number(line, "p99Ms") : undefined),
    holds: atMost(5),
  },
  {
    what: "matches among a million persons, 64 at once",
    aim: "≥ 2,000 /s",
    read: (line) => (ofMillion(line, "64 at once") ? number(line, "perSecond") : undefined),
    holds: atLeast(2_000),
  },
  {
    what: "CPU of such a match",
    aim: "≤ 1 ms",
    read: (line) => (ofMillion(line, "64 at once") ? number(line, "cpuMsPerMatch", "total") : undefined),
    holds: atMost(1),
  },
  {
    what: "a million records deduplicated",
    aim: "≤ 30 s",
    read: (line) => ofBulk(line, "seconds"),
    holds: atMost(30),
  },
  {
    what: "memory of it",
    aim: "≤ 2,000 MB",
    read: (line) => ofBulk(line, "peakMegabytes"),
    holds: atMost(2_000),
  },
  {
    what: "F1 of matching above Splink 4's at p ≥ 0.5",
    aim: "> 0",
    read: (line) => ofMatching(line, "f1AboveAnchor", /./),
    holds: (figure) => figure > 0,
  },
  {
    what: "precision of automatic links, UK",
    aim: "≥ 0.995",
    read: (line) => ofMatching(line, "linkPrecision", /^UK/),
    holds: atLeast(0.995),
  },
  {
    what: "recall of automatic links, UK with NHS number",
    aim: "≥ 0.90",
    read: (line) => ofMatching(line, "linkRecall", /^UK,/),
    holds: atLeast(0.9),
  },
  {
    what: "recall of automatic links, UK without",
    aim: "≥ 0.80",
    read: (line) => ofMatching(line, "linkRecall", /^UK without/),
    holds: atLeast(0.8),
  },
  {
    what: "twins linked without a person",
    aim: "0",
    read: (line) => ofMatching(line, "twinsLinked", /^UK/),
    holds: atMost(0),
  },
  {
    what: "parent and child of one name linked without a person",
    aim: "0",
    read: (line) => ofMatching(line, "sameNamesLinked", /^UK/),
    holds: atMost(0),
  },
];

/** Every target with its figure, as text; where a bench ran several times, each. */
export function summary(lines: readonly Line[]): string {
  const rows = targets.flatMap((target) =>
    lines.flatMap((line) => {
      const figure = target.read(line);
      if (figure === undefined) return [];
      const others = number(line, "others");
      return [[target.what, target.aim, String(figure), target.holds(figure) ? "yes" : "no", String(others ?? "")]];
    }),
  );
  if (rows.length === 0) return "";
  const table = [["", "target", "measured", "met", "other load, cores"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return `${table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")}\n`;
}
