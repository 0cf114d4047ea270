// The settings of one connection to the Personal Demographics Service.

import { z } from "zod";
import { secret } from "#kernel/secrets";

const printable = /^[\x21-\x7e]+$/;

const isAddress = (text: string): boolean => {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  return [url.username, url.password, url.search, url.hash].every((part) => part === "") && !text.endsWith("/");
};
const address = z.string().refine(isAddress, "must be an http or https address without a slash at its end");

/**
 * Settings of a PDS connection. The application signs in by a signed JWT (application-restricted access), which reads
 * only; updates are made with the token of a user, who comes with each update.
 */
export const pdsSettings = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/)
    .default("pds")
    .describe("Names the connection in logs and on the console; connections of one name share one limit of calls."),
  baseUrl: address.describe(
    "Address of the FHIR API, e.g. `https://api.service.nhs.uk/personal-demographics/FHIR/R4`. Over plain http everything " +
      "can be read on the way.",
  ),
  tokenUrl: address.describe("Address that gives access tokens, e.g. `https://api.service.nhs.uk/oauth2/token`."),
  apiKey: z.string().regex(printable).describe("API key of the application, from the national developer portal."),
  kid: secret.regex(printable).describe("Key id under which the public key is registered there; changes with the key."),
  privateKey: secret.describe(
    "The RSA private key that belongs to it: a file's path, or the text of the PEM itself. At least 2,048 bits.",
  ),
  callsPerSecond: z
    .int()
    .min(1)
    .max(2_000)
    .default(5)
    .describe("Most calls a second of all nodes together, as agreed with the national service. Default 5."),
  timeoutMs: z
    .int()
    .min(50)
    .max(120_000)
    .default(12_000)
    .describe(
      "Milliseconds that one request may take, from waiting for a connection to the last byte; waiting for its turn under " +
        "the limit comes before. Default 12,000: the service itself gives up after ten seconds.",
    ),
});

/** Settings of a PDS connection, every one set. */
export type PdsSettings = z.output<typeof pdsSettings>;
