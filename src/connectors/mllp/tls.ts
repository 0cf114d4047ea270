// Our TLS options in the words of node:tls, for both ends of the wire.

import { isIP } from "node:net";
import { type ConnectionOptions, createSecureContext, type TlsOptions as NodeTlsOptions } from "node:tls";
import { LockgateError } from "#kernel/errors";
import type { MllpClientOptions, TlsOptions } from "./types.ts";

const minVersion = "TLSv1.2";

/** Throws CONFIG_INVALID for material that is no usable PEM, so that a start fails and not the first connection. */
function checkMaterial({ key, cert, ca }: NonNullable<MllpClientOptions["tls"]>) {
  try {
    createSecureContext({ key, cert, ca });
  } catch (cause) {
    throw new LockgateError("CONFIG_INVALID", { at: "tls", cause });
  }
}

export function serverTls(tls: TlsOptions): NodeTlsOptions {
  const { key, cert, ca, requireClientCertificate = false } = tls;
  // Without its own authority, Node would take a client certificate from any public one.
  if (requireClientCertificate && !ca) throw new LockgateError("CONFIG_INVALID", { at: "tls.ca" });
  checkMaterial(tls);
  return { key, cert, ...(ca && { ca }), minVersion, requestCert: requireClientCertificate, rejectUnauthorized: true };
}

export function clientTls(tls: NonNullable<MllpClientOptions["tls"]>, host: string): ConnectionOptions {
  const { key, cert, ca, serverName = host } = tls;
  checkMaterial(tls);
  return {
    ...(key && { key }),
    ...(cert && { cert }),
    ...(ca && { ca }),
    minVersion,
    // Server name indication carries no addresses (RFC 6066, section 3); the certificate is checked against the host then.
    ...(isIP(serverName) === 0 && { servername: serverName }),
  };
}
