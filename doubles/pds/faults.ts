// Faults the double plays: which kinds there are, which calls they match, and when they fire.

import { z } from "zod";
import type { Operation } from "./ledger.ts";

/** Each kind, with the operations it makes sense for; null for any, the token endpoint only if `match` names it. */
const kinds = {
  /** Another user's update slips in just before this one. */
  conflict: ["update"],
  /** 429, with Retry-After only when `retryAfterSeconds` is given. */
  throttle: null,
  /** 503 SERVICE_UNAVAILABLE with Retry-After (1 unless given), nothing done. */
  unavailable: null,
  /** The update is done, the answer is 503: the same X-Request-ID finds it done. */
  commitThen503: ["update"],
  /** From the moment it is put in force, for `durationMs`, every connection is reset; admin goes on. */
  down: ["retrieve", "search", "update", "token"],
  /** Answers after `delayMs`. */
  slow: null,
  /** Connection cut, nothing done. */
  dropBeforeCommit: null,
  /** Connection cut, everything done. */
  dropAfterCommit: null,
  /** Status and headers as they should be, body cut short. */
  truncatedBody: null,
  /** 502 (or `status`) with a gateway's HTML page. */
  html: null,
  /** 408 UNABLE_TO_CALL_SERVICE. */
  unableToCall: null,
  /** 200 with an OperationOutcome in place of what was asked for, nothing done. */
  outcome200: null,
  /** 401 for a token request that is right. */
  tokenRefused: ["token"],
  /** The access token ends early: 401, and for good. */
  tokenExpired: null,
  /** Just before the call, its number is superseded by `to`, or by a copy under a free number. */
  superseded: ["retrieve", "update"],
  /** Just before the call, its number is invalidated. */
  invalidated: ["retrieve", "update"],
} as const satisfies Record<string, readonly Operation[] | null>;

/** The kind of a fault. */
export type FaultKind = keyof typeof kinds;

const kindNames = Object.keys(kinds) as [FaultKind, ...FaultKind[]];
const withoutToken: readonly Operation[] = ["retrieve", "search", "update"];

const faultSchema = z.strictObject({
  kind: z.enum(kindNames),
  /** How often it fires in all; without it, until it is taken away. */
  times: z.int().min(1).optional(),
  /** Fires on each so many matching calls only: 3 for the third, the sixth … */
  every: z.int().min(1).default(1),
  match: z
    .strictObject({
      operation: z.enum(["retrieve", "search", "update", "token"]).optional(),
      /** The number in the address of the call. */
      nhsNumber: z.string().optional(),
      /** API key of the application. */
      client: z.string().optional(),
    })
    .default({}),
  /** Delay of slow, in milliseconds. */
  delayMs: z.int().min(0).max(600_000).default(0),
  /** Length of down, in milliseconds; an hour unless given. */
  durationMs: z.int().min(1).max(86_400_000).default(3_600_000),
  retryAfterSeconds: z.int().min(0).max(3600).optional(),
  /** HTTP status of html. */
  status: z.int().min(200).max(599).default(502),
  /** NHS number that supersedes. */
  to: z.string().optional(),
});

const faultsSchema = z.union([z.array(faultSchema), faultSchema.transform((fault) => [fault])]);

/** A fault as configured. */
export type Fault = z.output<typeof faultSchema>;
/** A fault as a caller writes it. */
export type FaultInput = z.input<typeof faultSchema>;

/** What faults match on. */
export interface CallFacts {
  operation: Operation;
  nhsNumber: string;
  client: string | null;
}

/** The faults in force. */
export interface Faults {
  /** Replaces all faults; throws ZodError. */
  replace(input: unknown): void;
  list(): readonly (Fault & { matched: number; fired: number })[];
  /** Whether connections are to be reset now. */
  isDown(): boolean;
  /** The faults that fire on this call, counted as fired. */
  fire(facts: CallFacts): readonly Fault[];
}

/** No faults yet. */
export function createFaults(nowMs: () => number): Faults {
  let inForce: { fault: Fault; matched: number; fired: number; sinceMs: number }[] = [];
  return {
    replace: (input) => {
      const sinceMs = nowMs();
      inForce = faultsSchema.parse(input).map((fault) => ({ fault, matched: 0, fired: 0, sinceMs }));
    },
    list: () => inForce.map(({ fault, matched, fired }) => ({ ...fault, matched, fired })),
    isDown: () => inForce.some(({ fault, sinceMs }) => fault.kind === "down" && nowMs() < sinceMs + fault.durationMs),
    fire: (facts) => {
      if (inForce.length === 0) return [];
      const hit = inForce.filter((one) => {
        if (!isMeant(one.fault, facts)) return false;
        one.matched += 1;
        const isDue = one.matched % one.fault.every === 0 && one.fired < (one.fault.times ?? Number.POSITIVE_INFINITY);
        if (isDue) one.fired += 1;
        return isDue;
      });
      return hit.map(({ fault }) => fault);
    },
  };
}

function isMeant({ kind, match }: Fault, facts: CallFacts): boolean {
  if (kind === "down") return false;
  const meant: readonly Operation[] = kinds[kind] ?? (match.operation ? [match.operation] : withoutToken);
  if (!meant.includes(facts.operation)) return false;
  return (Object.keys(match) as (keyof CallFacts)[]).every((name) => match[name] === facts[name]);
}
