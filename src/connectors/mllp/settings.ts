// What a site may set for an MLLP wire, with its defaults.

import { z } from "zod";

const tls = z.strictObject({
  key: z.string().meta({ description: "private key, PEM text" }),
  cert: z.string().meta({ description: "certificate chain, PEM text" }),
  ca: z.string().optional().meta({ description: "authorities to trust, PEM text" }),
  requireClientCertificate: z.boolean().optional().meta({ description: "refuse peers without a certificate of `ca`" }),
  serverName: z.string().optional().meta({ description: "client: the name the server's certificate must bear" }),
});

/** A wire to listen on. */
export const mllpSourceSettings = z.strictObject({
  host: z.string().default("127.0.0.1").meta({ description: "address to listen on" }),
  port: z.int().min(0).max(65_535).meta({ description: "TCP port; 0 takes any free one" }),
  processingId: z
    .enum(["P", "T", "D"])
    .meta({ description: "the only MSH-11 that is taken: production, training or debugging" }),
  maxFrameBytes: z.int().min(1_024).default(16_777_216).meta({ description: "largest message, bytes" }),
  maxConnections: z.int().min(1).default(500).meta({ description: "connections at a time" }),
  idleTimeoutMs: z.int().min(10).default(600_000).meta({ description: "a silent connection is closed after this, ms" }),
  frameTimeoutMs: z
    .int()
    .min(10)
    .default(30_000)
    .meta({ description: "a message that has begun must end within this, ms" }),
  tls: tls.optional().meta({ description: "speak TLS" }),
});

/** A wire to send on. */
export const mllpDestinationSettings = z.strictObject({
  host: z.string().meta({ description: "peer's address" }),
  port: z.int().min(1).max(65_535).meta({ description: "peer's TCP port" }),
  connections: z.int().min(1).max(500).default(8).meta({ description: "connections at a time, one message on each" }),
  connectTimeoutMs: z.int().min(10).default(5_000).meta({ description: "name lookup, TCP and TLS, ms" }),
  ackTimeoutMs: z.int().min(10).default(30_000).meta({ description: "until the acknowledgement is complete, ms" }),
  maxFrameBytes: z.int().min(1_024).default(1_048_576).meta({ description: "largest acknowledgement, bytes" }),
  tls: tls.partial().optional().meta({ description: "speak TLS" }),
});
