// How HTTP is carried: in the clear on the machine itself, or by TLS, with certificates that are renewed while it runs.

import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { createSecureContext, TLSSocket, type TlsOptions, type Server as TlsServer } from "node:tls";
import { z } from "zod";
import type { Clock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";

/** How soon a renewed certificate is taken up. */
const LOOK_EVERY_MS = 30_000;
const DAY_MS = 86_400_000;
/** A certificate that ends within this is warned of, once a day. */
const WARN_WITHIN_MS = 21 * DAY_MS;

/** Settings of TLS: files in PEM, read again when they change. */
export const tlsSettings = z.strictObject({
  certificateFile: z.string().min(1).describe("Certificate with its chain, PEM; renewed in place while it runs."),
  keyFile: z.string().min(1).describe("Its private key, PEM."),
  clientAuthoritiesFile: z
    .string()
    .min(1)
    .optional()
    .describe("Authorities whose client certificates are taken, PEM; absent: nobody is asked for one."),
});
export type TlsSettings = z.output<typeof tlsSettings>;

/** The files as they are now, checked against each other. @throws CONFIG_INVALID */
export function readTls(settings: TlsSettings): TlsOptions {
  const read = (name: keyof TlsSettings, file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (cause) {
      throw new LockgateError("CONFIG_INVALID", { at: `http.tls.${name}`, reason: "cannot be read", cause });
    }
  };
  const { certificateFile, keyFile, clientAuthoritiesFile } = settings;
  const options: TlsOptions = {
    cert: read("certificateFile", certificateFile),
    key: read("keyFile", keyFile),
    minVersion: "TLSv1.2",
    // Whoever has no certificate may still have a token; who needs one is said where clients are named.
    ...(clientAuthoritiesFile
      ? {
          ca: read("clientAuthoritiesFile", clientAuthoritiesFile),
          requestCert: true,
          rejectUnauthorized: false,
        }
      : {}),
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new LockgateError("CONFIG_INVALID", { at: "http.tls", reason: "not a certificate with its key", cause });
  }
  return options;
}

/** Until when the certificate of these files is good. @throws CONFIG_INVALID */
export const certificateEnd = (settings: TlsSettings): Date =>
  new X509Certificate(readTls(settings).cert as Buffer).validToDate;

/**
 * Takes renewed files up for new connections until it is told to stop; open ones go on. Files that do not fit each other,
 * as while they are being replaced, leave the old ones in use.
 */
export async function renewTls(
  server: TlsServer,
  settings: TlsSettings,
  { clock, log, stopping }: { readonly clock: Clock; readonly log: Log; readonly stopping: AbortSignal },
): Promise<void> {
  let [used, warnedAt] = [digestOf(readTls(settings)), 0];
  while (!stopping.aborted) {
    try {
      const found = readTls(settings);
      if (digestOf(found) !== used) {
        server.setSecureContext(found);
        used = digestOf(found);
        log.info("the renewed certificate is in use");
      }
      if (clock.now() - warnedAt >= DAY_MS) warnedAt = warn(certificateEnd(settings), clock, log);
    } catch (error) {
      log.error("the certificate cannot be renewed; the one before stays in use", { error });
    }
    await clock.sleep(LOOK_EVERY_MS, stopping);
  }
}

/** @returns when it was looked at */
function warn(end: Date, clock: Clock, log: Log): number {
  if (end.getTime() - clock.now() < WARN_WITHIN_MS)
    log.warn("the certificate of HTTP ends soon", { endsAt: end.toISOString() });
  return clock.now();
}

function digestOf({ cert, key, ca }: TlsOptions): string {
  const hash = createHash("sha256");
  for (const part of [cert, key, ca]) if (part) hash.update(part as Buffer).update("\0");
  return hash.digest("base64");
}

/** The thumbprint (`x5t#S256`, RFC 8705 §3.1) of the peer's certificate, where one of our client authorities signed it. */
export function certificateOf(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { raw } = socket.getPeerCertificate();
  return raw && createHash("sha256").update(raw).digest("base64url");
}
