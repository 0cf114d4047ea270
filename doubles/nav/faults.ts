// Faults the double plays: which kinds there are, which requests they match, and when they fire.

import { z } from "zod";

/** Kinds that strike before the ERP has done anything. */
const beforeKinds = [
  "slow", // answers after `ms`
  "throttle", // 429, with Retry-After only when `retryAfterSeconds` is given
  "unavailable", // 503 with Retry-After
  "html", // 502 (or `status`) with a web server's HTML page
  "unauthorized", // 401 although the credentials are right
  "restart", // for `durationMs`: connections reset, then 503, then 401
  "dropBeforeCommit", // connection cut, nothing written
  "lock", // lock timeout after `ms`, nothing written
  "deadlock", // chosen as deadlock victim, nothing written
  "callbackNotAllowed", // customised code asks the user to confirm, which no web service can
  "staleEtag", // another user writes the record just before, so its ETag is new
] as const;

/** Kinds that strike when the ERP has done, and for writes committed, what was asked. */
const afterKinds = [
  "commitThenDrop", // connection cut, everything written
  "commitThenError", // an error answer (500 or `status`), everything written
  "commitThenSlow", // answers `ms` after everything was written
  "truncatedBody", // status and headers as they should be, body cut short
  "notFoundAfterWrite", // for `durationMs` reads do not find what this request inserted
  "staleRead", // for `durationMs` reads show what this request modified as it was before
] as const;

/** The kind of a fault. */
export type FaultKind = (typeof beforeKinds)[number] | (typeof afterKinds)[number];

/** Kinds that only make sense for a write: they pass over reads unless `match.method` says otherwise. */
const writeKinds = new Set<FaultKind>([
  "dropBeforeCommit",
  "commitThenDrop",
  "commitThenError",
  "commitThenSlow",
  "callbackNotAllowed",
  "lock",
  "deadlock",
  "staleEtag",
  "notFoundAfterWrite",
  "staleRead",
]);

const matchSchema = z.strictObject({
  /** OData method; SOAP operations count as GET (reads), POST (Create) and PATCH (Update). */
  method: z.enum(["GET", "POST", "PATCH", "DELETE"]).optional(),
  /** Entity set, e.g. "patients"; "$batch" for a batch as a whole. */
  entity: z.string().min(1).optional(),
  /** Name of a bound action, e.g. "post". */
  action: z.string().min(1).optional(),
  surface: z.enum(["odata", "soap"]).optional(),
  company: z.string().min(1).optional(),
});

const faultSchema = z
  .strictObject({
    kind: z.enum([...beforeKinds, ...afterKinds]),
    /** How often it fires in all; without `probability` it fires on the next matching requests. */
    times: z.int().min(1).optional(),
    /** Fires on each so many matching requests only: 3 for the third, the sixth … */
    every: z.int().min(1).default(1),
    /** Chance per matching request, 0 to 1. */
    probability: z.number().gt(0).max(1).optional(),
    /** Start of the pseudo-random row that `probability` draws from. */
    seed: z.int().min(0).default(1),
    match: matchSchema.default({}),
    /** Delay for slow, lock and commitThenSlow, in milliseconds. */
    ms: z.int().min(0).max(600_000).default(0),
    retryAfterSeconds: z.int().min(0).max(3600).optional(),
    /** Length of restart, notFoundAfterWrite and staleRead, in milliseconds. */
    durationMs: z.int().min(1).max(600_000).default(1000),
    /** HTTP status for html and commitThenError. */
    status: z.int().min(400).max(599).optional(),
  })
  .refine((fault) => fault.times !== undefined || fault.probability !== undefined, {
    message: "needs times or probability",
  });

const faultsSchema = z.array(faultSchema);

/** A fault as configured. */
export type Fault = z.output<typeof faultSchema>;
/** A fault as a caller writes it. */
export type FaultInput = z.input<typeof faultSchema>;

/** What faults match on. */
export interface RequestFacts {
  method: string;
  entity: string;
  action: string | undefined;
  surface: "odata" | "soap";
  /** Name of the company; empty where the address names none. */
  company: string;
}

/** A fault with its counters. */
type CountedFault = Fault & { matched: number; fired: number };

/** The faults in force. */
export interface Faults {
  /** Replaces all faults; throws ZodError naming what is wrong. */
  replace(input: unknown): void;
  clear(): void;
  list(): readonly CountedFault[];
  /** The faults that fire on this request, counted as fired. */
  fire(facts: RequestFacts): Fault[];
}

/** No faults yet. */
export function createFaults(): Faults {
  let active: { fault: CountedFault; random: () => number }[] = [];
  return {
    replace: (input) => {
      const faults = Array.isArray(input) ? faultsSchema.parse(input) : [faultSchema.parse(input)];
      active = faults.map((fault) => ({ fault: { ...fault, matched: 0, fired: 0 }, random: pseudoRandom(fault.seed) }));
    },
    clear: () => {
      active = [];
    },
    list: () => active.map(({ fault }) => fault),
    fire: (facts) => {
      if (active.length === 0) return [];
      return active.filter((entry) => fires(entry.fault, entry.random, facts)).map(({ fault }) => fault);
    },
  };
}

function fires(fault: CountedFault, random: () => number, facts: RequestFacts): boolean {
  if (!matches(fault, facts)) return false;
  fault.matched += 1;
  if (fault.matched % fault.every !== 0) return false;
  if (fault.times !== undefined && fault.fired >= fault.times) return false;
  if (fault.probability !== undefined && random() >= fault.probability) return false;
  fault.fired += 1;
  return true;
}

function matches({ kind, match }: Fault, facts: RequestFacts): boolean {
  if (match.method === undefined && writeKinds.has(kind) && facts.method === "GET") return false;
  if (match.method !== undefined && match.method !== facts.method) return false;
  if (match.entity !== undefined && match.entity !== facts.entity) return false;
  if (match.action !== undefined && match.action !== facts.action) return false;
  if (match.company !== undefined && match.company !== facts.company) return false;
  return match.surface === undefined || match.surface === facts.surface;
}

/** Mulberry32: the same numbers from the same seed, in [0, 1). */
function pseudoRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
