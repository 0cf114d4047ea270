// The MLLP server: accepts connections up to a limit, plain or TLS, and ends them in good order.

import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { LockgateError } from "#kernel/errors";
import { type Connection, serveConnection, type Ticks } from "./connection.ts";
import { serverTls } from "./tls.ts";
import type { MllpPeer, MllpServer, MllpServerOptions, MllpWireEvent } from "./types.ts";

const KEEP_ALIVE_DELAY_MS = 30_000;
const LINGER_MS = 1_000;
const DEFAULT_GRACE_MS = 5_000;

/** Listens; rejects with START_PORT_TAKEN when the port is in use and CONFIG_INVALID when it cannot be had at all. */
export async function mllpServer(options: MllpServerOptions): Promise<MllpServer> {
  const { host, port, tls, maxConnections, frameTimeoutMs } = options;
  const report = options.onWireEvent?.bind(options) ?? (() => {});
  const { ticks, tickMs } = ticksFor(options);
  const sockets = new Set<Socket>();
  const connections = new Set<Connection>();
  let accepted = 0;
  let held = false;
  let closing: Promise<void> | undefined;

  const nextId = () => `${port}-${++accepted}`;
  const refuse = (code: "CHANNEL_OVERLOADED" | "MLLP_TLS_REFUSED") =>
    report({ kind: "refused", connectionId: nextId(), code } satisfies MllpWireEvent);

  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  };

  const serve = (socket: Socket) => {
    keep(socket);
    if (closing) return void socket.destroy();
    const connection = serveConnection(socket, peerOf(socket, nextId()), options, ticks, report);
    connections.add(connection);
    socket.on("close", () => connections.delete(connection));
    if (held) connection.hold(true);
  };

  const wire = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS, allowHalfOpen: true };
  const server = tls
    ? createTlsServer({ ...wire, ...serverTls(tls), handshakeTimeout: frameTimeoutMs }, serve)
    : createServer(wire, serve);
  server.maxConnections = maxConnections;
  // Under TLS the socket beneath, so that a handshake can be cut off too.
  if (tls) server.on("connection", keep);
  server.on("drop", () => refuse("CHANNEL_OVERLOADED"));
  server.on("tlsClientError", (_error, socket) => {
    socket.destroy();
    refuse("MLLP_TLS_REFUSED");
  });

  const at = `${host}:${port}`;
  server.listen({ host, port });
  await once(server, "listening").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "EADDRINUSE") throw new LockgateError("START_PORT_TAKEN", { at, cause });
    throw new LockgateError("CONFIG_INVALID", { at, reason: cause.code ?? "listen", cause });
  });
  // From here on only a failing accept comes this way, such as one for want of file descriptors.
  server.on("error", () => refuse("CHANNEL_OVERLOADED"));

  const sweeper = setInterval(() => {
    ticks.now++;
    for (const connection of connections) connection.sweep();
  }, tickMs);

  const holdAll = (wanted: boolean) => {
    held = wanted;
    for (const connection of connections) connection.hold(wanted);
  };

  const closeAll = async (graceMs: number) => {
    const closed = once(server, "close");
    server.close();
    for (const connection of connections) connection.finish();
    const cutOff = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    await closed;
    // The server is closed a moment before its last sockets have said so.
    await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    clearTimeout(cutOff);
    clearInterval(sweeper);
  };

  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections.size,
    pause: () => holdAll(true),
    resume: () => holdAll(false),
    close(graceMs = DEFAULT_GRACE_MS) {
      closing ??= closeAll(graceMs);
      return closing;
    },
  };
}

/** One coarse interval for all connections: time-outs fire up to a quarter late and cost nothing per message. */
function ticksFor({ idleTimeoutMs, frameTimeoutMs }: MllpServerOptions): { ticks: Ticks; tickMs: number } {
  const tickMs = Math.min(1_000, Math.max(5, Math.floor(Math.min(idleTimeoutMs, frameTimeoutMs) / 4)));
  const count = (ms: number) => Math.ceil(ms / tickMs);
  return {
    ticks: {
      now: 0,
      idle: count(idleTimeoutMs),
      frame: count(frameTimeoutMs),
      linger: count(Math.min(LINGER_MS, idleTimeoutMs)),
    },
    tickMs,
  };
}

function peerOf(socket: Socket, connectionId: string): MllpPeer {
  // A peer that is gone already has no address any more.
  const remote = `${socket.remoteAddress ?? "unknown"}:${socket.remotePort ?? 0}`;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return { connectionId, remote };
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  // A subject with several common names is nobody in particular.
  return { connectionId, remote, ...(typeof name === "string" && { clientCertificateName: name }) };
}
