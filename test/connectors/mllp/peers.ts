// Raw peers for the wire's tests: sockets that send and receive exactly the bytes a test says, and the test certificates.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import {
  frame,
  frameReader,
  type MllpClientOptions,
  type MllpServerOptions,
  type MllpWireEvent,
  mllpClient,
  mllpServer,
} from "#connectors/mllp";

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), "utf8");

/** The certificates of test/fixtures/tls. */
export const material = {
  ca: pem("ca.cert"),
  strangerCa: pem("stranger-ca.cert"),
  server: { key: pem("server.test-only-key"), cert: pem("server.cert") },
  client: { key: pem("client.test-only-key"), cert: pem("client.cert") },
  stranger: { key: pem("stranger.test-only-key"), cert: pem("stranger.cert") },
};

const unhurried = { host: "127.0.0.1", maxFrameBytes: 100_000 };

/** A server on a free port, echoing unless told otherwise, closed with the test; `events` is what it reported. */
export async function startServer(options: Partial<MllpServerOptions> = {}) {
  const events: MllpWireEvent[] = [];
  const waiters: { kind: MllpWireEvent["kind"]; wake: (event: MllpWireEvent) => void }[] = [];
  const server = await mllpServer({
    ...unhurried,
    port: 0,
    maxConnections: 300,
    idleTimeoutMs: 60_000,
    frameTimeoutMs: 60_000,
    onMessage: async (bytes) => [bytes],
    ...options,
    onWireEvent(event) {
      events.push(event);
      for (const waiter of waiters.filter(({ kind }) => kind === event.kind)) {
        waiters.splice(waiters.indexOf(waiter), 1);
        waiter.wake(event);
      }
    },
  });
  onTestFinished(() => server.close(0));
  /** The first event of a kind, past or to come. */
  const event = (kind: MllpWireEvent["kind"]): Promise<MllpWireEvent> =>
    new Promise((wake) => {
      const past = events.find((each) => each.kind === kind);
      if (past) wake(past);
      else waiters.push({ kind, wake });
    });
  return { ...server, events, event };
}

/** A client closed with the test. */
export function startClient(port: number, options: Partial<MllpClientOptions> = {}) {
  const client = mllpClient({
    ...unhurried,
    port,
    connections: 1,
    connectTimeoutMs: 10_000,
    ackTimeoutMs: 10_000,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** A bare socket to `port` that collects the frames it is sent. */
export async function dial(port: number) {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  const reader = frameReader({ maxFrameBytes: 100_000_000 });
  const frames: string[] = [];
  let wake = () => {};
  socket.on("data", (chunk) => {
    frames.push(...reader.push(chunk).map(String));
    wake();
  });
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    socket.on("end", resolve).on("close", () => resolve());
  });
  await once(socket, "connect");
  return {
    socket,
    /** Resolves when the other side has ended or reset the connection. */
    closed,
    send: (...messages: string[]) => void socket.write(Buffer.concat(messages.map((text) => frame(Buffer.from(text))))),
    /** The first `count` frames. */
    async receive(count: number): Promise<string[]> {
      while (frames.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return frames.slice(0, count);
    },
  };
}

/** A bare listener that hands each connection to `onSocket`. */
export async function listen(onSocket: (socket: Socket, nth: number) => void) {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    onSocket(socket, sockets.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets, server };
}

/** Calls `onFrame` with the text of each frame that comes. */
export function onFrames(socket: Socket, onFrame: (text: string) => void) {
  const reader = frameReader({ maxFrameBytes: 100_000 });
  socket.on("data", (chunk) => {
    for (const bytes of reader.push(chunk)) onFrame(bytes.toString());
  });
}

/** A promise to settle from elsewhere. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}
