// The settings of one NAV or Business Central connection.

import { z } from "zod";
import { secret } from "#kernel/secrets";

const ascii = /^[\x21-\x7e]+$/;

function isServiceAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const isBare = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  return /^https?:$/.test(url.protocol) && isBare && !text.endsWith("/");
}

/**
 * Settings of a NAV connection. Authentication is NavUserPassword: Basic with a user and a web service access key.
 * NTLM, Kerberos and OAuth are not spoken.
 */
export const navSettings = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/)
    .describe("Names the connection in logs and on the console, e.g. `nav-main`."),
  protocol: z
    .enum(["odata", "soap"])
    .default("odata")
    .describe(
      "`odata`: the custom API pages of Business Central and NAV 2018 on; a patient's external id is its SystemId. `soap`: the page " +
        "and codeunit web services of older NAV; a patient's external id is its No., and requisitions cannot be written. Changing " +
        "it invalidates stored external ids.",
    ),
  baseUrl: z
    .string()
    .refine(isServiceAddress, "must be an http or https address that ends with the service instance, without a slash")
    .describe(
      "Address of the service instance on the port of the protocol, e.g. `https://nav.example:7048/BC`. Over plain http the " +
        "access key can be read on the way.",
    ),
  company: z
    .strictObject({
      id: z.guid().optional().describe("Id of the company; OData looks it up by name when it is not given."),
      name: z.string().min(1).max(30).describe("Name of the company, exactly as in the ERP."),
    })
    .describe("The company whose patients and requisitions are meant."),
  user: z.string().regex(ascii).describe("User name of the integration's own ERP user, in ASCII."),
  accessKey: secret.regex(ascii).describe("Web service access key of that user, in ASCII."),
  timeoutMs: z
    .int()
    .min(50)
    .max(900_000)
    .default(30_000)
    .describe(
      "Milliseconds a request may take in all, from waiting for a connection to the last byte of the answer; a call makes a few " +
        "requests at most. Default 30,000.",
    ),
  maxConnections: z
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe(
      "Most connections open at a time, each with one request at a time. Default 4: the ERP runs 5 per user at once.",
    ),
});

/** Settings of a NAV connection, every one set. */
export type NavSettings = z.output<typeof navSettings>;
