// The settings that decide which PDS this double is, and what its demonstration goes by.

import { z } from "zod";

const settingsSchema = z.strictObject({
  /** Calls a second that one application may make; null for no limit. The service's documented default is 5. */
  callsPerSecond: z.int().min(1).nullable().default(null),
  /** `Retry-After` of a call over that limit; null to leave it out, for the service documents it on 503 only. */
  throttleRetryAfterSeconds: z.int().min(0).nullable().default(null),
  /** Status of a stale `If-Match`: 409 as documented, or 412 as an older sandbox of the service answers. */
  staleStatus: z.union([z.literal(409), z.literal(412)]).default(409),
  /** Life of an access token. */
  tokenLifetimeSeconds: z.int().min(1).max(86_400).default(599),
});

/** Settings as the double holds them, every one set. */
export type Settings = z.output<typeof settingsSchema>;
/** Settings as a caller gives them, every one optional. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** Full settings from partial ones; throws ZodError. */
export const settingsFrom = (input: unknown): Settings => settingsSchema.parse(input);

/** The application of the demonstration. It makes its own key pair; only the public half is registered here. */
export const demoClient = { apiKey: "lockgate-demo", kid: "lockgate-demo-1" } as const;

/** The healthcare worker of the demonstration: a role (URID) and the organisation it is held in. */
export const demoUser = { roleId: "555254240100", organisation: "ZZ9001" } as const;
