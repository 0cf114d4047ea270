// The switches that decide which NAV this double is: status codes, limits, page size, authentication.

import { z } from "zod";

const switchesSchema = z.strictObject({
  /** "ntlm" asks for a connection-bound NTLMv2 handshake, "basic" for user and web service access key. */
  auth: z.enum(["basic", "ntlm"]).default("basic"),
  /** Status of Request_EntityChanged: 409, or 412 as old versions answer. */
  staleStatus: z.union([z.literal(409), z.literal(412)]).default(409),
  /** Status of Internal_EntityWithSameKeyExists. */
  duplicateKeyStatus: z.union([z.literal(400), z.literal(409)]).default(400),
  /** Status of a lock timeout or deadlock (code Internal_ServerError). */
  lockStatus: z.union([z.literal(500), z.literal(409)]).default(500),
  /** Most records of one OData page. */
  pageSize: z.int().min(1).max(20_000).default(20_000),
  /** Whether the PAT number series accepts numbers entered by hand. */
  manualNumbers: z.boolean().default(false),
  /** Patient fields a customisation made mandatory, by JSON name. */
  mandatoryFields: z.array(z.string()).default([]),
  /** Most bytes of a request body. */
  maxBodyBytes: z
    .int()
    .min(1024)
    .default(8 * 1024 * 1024),
  /** Whether a company name with %-encoded apostrophe or comma is not found, as in some old versions. */
  refuseEncodedCompany: z.boolean().default(false),
  /** Postings dated before this day are refused; date as YYYY-MM-DD. */
  allowPostingFrom: z.iso.date().default("2020-01-01"),
  /** Whether SOAP records leave blank text fields out, as the .NET serialiser does with empty values. */
  soapOmitsBlankText: z.boolean().default(true),
  /** Requests a user may send in a sliding window; null for no limit, as on premises. */
  rate: z
    .strictObject({
      requests: z.int().min(1),
      windowMs: z.int().min(1),
      retryAfterSeconds: z.int().min(0).nullable().default(null),
    })
    .nullable()
    .default(null),
  /** Requests that run at once; more wait in the queue, beyond the queue the answer is 429. */
  concurrency: z
    .strictObject({
      running: z.int().min(1),
      queued: z.int().min(0),
      maxWaitMs: z.int().min(1).default(480_000),
    })
    .default({ running: 5, queued: 95, maxWaitMs: 480_000 }),
});

/** Switches as the double holds them, every one set. */
export type Switches = z.output<typeof switchesSchema>;
/** Switches as a caller gives them, every one optional. */
export type SwitchesInput = z.input<typeof switchesSchema>;

/** Full switches from partial ones; throws ZodError naming the switch that is unknown or out of range. */
export const parseSwitches = (input: unknown): Switches => switchesSchema.parse(input);

/** One line that says what is wrong with an admin body. */
export function reasonOf(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join(".") || "body"}: ${issue.message}` : "body is not valid";
}

/** The user and secret the double accepts; a demo credential, not a secret. */
export interface Credentials {
  user: string;
  /** Web service access key for Basic, password for NTLM. */
  secret: string;
}

/** Demo credential. */
export const demoCredentials: Credentials = { user: "LOCKGATE", secret: "lockgate-demo-key" };
