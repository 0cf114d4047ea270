// The load generator as a process of its own: a closed loop with one message in flight on each connection.
//
// Told over IPC what to do; answers with how it went. No message number is used twice in the life of the process.

import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { MESSAGE_BYTES, writeAdmission } from "./message.ts";

/** One run. */
export type LoadOrder = { readonly port: number; readonly connections: number; readonly ms: number };

/** How it went. */
export type LoadResult = {
  readonly acknowledged: number;
  /** Acknowledgements that were not AA for the message in flight. */
  readonly wrong: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

const START = 0x0b;
const END = 0x1c;
const CR = 0x0d;
const MOST_SAMPLES = 2_000_000;
const MOST_REPLY_BYTES = 4_096;
const latencies = new Float64Array(MOST_SAMPLES);

let nextNumber = 1;

/** Sends on `socket` until `till`; resolves once the last message is acknowledged. */
function sendUntil(socket: Socket, till: number, acknowledge: (ms: number, right: boolean) => void): Promise<void> {
  const frame = Buffer.alloc(MESSAGE_BYTES + 3);
  frame[0] = START;
  frame[MESSAGE_BYTES + 1] = END;
  frame[MESSAGE_BYTES + 2] = CR;
  const reply = Buffer.alloc(MOST_REPLY_BYTES);
  let replyBytes = 0;
  let sentAt = 0;
  let expected = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const send = () => {
    const number = nextNumber++;
    writeAdmission(frame, 1, number);
    expected = `MSA|AA|BENCH${String(number).padStart(9, "0")}`;
    replyBytes = 0;
    sentAt = performance.now();
    socket.write(frame);
  };
  socket.on("data", (chunk: Buffer) => {
    replyBytes += chunk.copy(reply, replyBytes);
    if (reply[replyBytes - 1] !== CR || reply[replyBytes - 2] !== END) return;
    const now = performance.now();
    acknowledge(now - sentAt, reply.toString("latin1", 0, replyBytes).includes(expected));
    if (now < till) send();
    else resolve();
  });
  socket.on("close", () => reject(new Error("the platform closed a connection under load")));
  send();
  return promise;
}

async function run({ port, connections, ms }: LoadOrder): Promise<LoadResult> {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
      await once(socket, "connect");
      return socket;
    }),
  );
  let acknowledged = 0;
  let wrong = 0;
  const startedAt = performance.now();
  await Promise.all(
    sockets.map((socket) =>
      sendUntil(socket, startedAt + ms, (latencyMs, right) => {
        latencies[acknowledged++] = latencyMs;
        if (!right) wrong += 1;
      }),
    ),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const socket of sockets) socket.removeAllListeners("close").destroy();
  const sorted = latencies.subarray(0, acknowledged).toSorted();
  const at = (share: number) => sorted[Math.min(acknowledged - 1, Math.floor(acknowledged * share))] ?? 0;
  return { acknowledged, wrong, seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

process.on("message", (order: LoadOrder) => void run(order).then((result) => process.send?.(result)));
process.send?.({});
