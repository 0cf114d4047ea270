// Faults that the provider plays: slow, or away.

import { z } from "zod";

const faultSchema = z.strictObject({
  /** `slow` answers after `delayMs`; `unavailable` answers 503. */
  kind: z.enum(["slow", "unavailable"]),
  delayMs: z.int().min(1).max(60_000).default(1_000),
  /** How often in all; without it, until it is taken away. */
  times: z.int().min(1).optional(),
  /** Only requests to this path, e.g. `/token`; without it, every one outside `/admin`. */
  path: z.string().startsWith("/").optional(),
});

export type FaultInput = z.input<typeof faultSchema>;
type Fault = z.output<typeof faultSchema> & { fired: number };

/** Faults in force. */
export type Faults = {
  /** Puts these in force and no others; throws ZodError. */
  replace(faults: unknown): void;
  list(): readonly Fault[];
  /** The fault that this request meets, if any. */
  meet(path: string): Fault | undefined;
};

/** No faults, at first. */
export function createFaults(): Faults {
  let inForce: Fault[] = [];
  return {
    replace(faults) {
      inForce = z
        .array(faultSchema)
        .parse(faults)
        .map((one) => ({ ...one, fired: 0 }));
    },
    list: () => inForce,
    meet(path) {
      const met = inForce.find(
        (one) => (one.path === undefined || one.path === path) && one.fired < (one.times ?? Number.POSITIVE_INFINITY),
      );
      if (met) met.fired += 1;
      return met;
    },
  };
}
