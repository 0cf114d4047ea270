// Requests as a process of its own: one in flight on each connection, as fast as they are answered or at a rate.
//
// Told over IPC what to do; answers with how it went.

import { once } from "node:events";
import { createConnection, type Socket } from "node:net";

/** One run. */
export type RequestOrder = {
  readonly port: number;
  readonly token: string;
  readonly items: readonly string[];
  readonly connections: number;
  readonly requests: number;
  /** Requests a second; absent: as fast as they are answered. */
  readonly perSecond?: number;
  /** Whether each request carries a key of its own. */
  readonly withKeys?: boolean;
};

/** How it went. Latencies are from when a request was due. */
export type RequestResult = {
  readonly answered: number;
  /** Answers that were not 200. */
  readonly wrong: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How late this process itself came to what it slept for: no answer is told to be sooner than that. */
  readonly lateP99Ms: number;
};

const MOST_SAMPLES = 2_000_000;
const END_OF_HEADERS = "\r\n\r\n";
const COMMENT = JSON.stringify({ comment: "The practice confirms the new postcode; the letter is in the notes." });
const latencies = new Float32Array(MOST_SAMPLES);
const lateness = new Float32Array(MOST_SAMPLES);
let keyed = 0;

function requestText({ items, token, withKeys }: RequestOrder, turn: number): string {
  const key = withKeys ? `idempotency-key: bench-${process.pid}-${keyed++}\r\n` : "";
  return `POST /ops/v1/work/${items[turn % items.length] ?? "none"}/comment HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\npurpose-of-use: administration\r\ntraceparent: 00-${turn.toString(16).padStart(32, "a")}-00f067aa0ba902b7-01\r\ncontent-type: application/json\r\n${key}content-length: ${COMMENT.length}\r\n\r\n${COMMENT}`;
}

/** Waits for the answer on `socket`. @returns whether it was 200 */
function answerOn(socket: Socket): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  let text = "";
  const take = (chunk: Buffer): void => {
    text += chunk.toString("latin1");
    const head = text.indexOf(END_OF_HEADERS);
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
    if (text.length < head + END_OF_HEADERS.length + length) return;
    socket.off("data", take);
    socket.off("close", lost);
    resolve(text.startsWith("HTTP/1.1 200"));
  };
  const lost = (): void => reject(new Error("the server closed a connection under load"));
  socket.on("data", take);
  socket.once("close", lost);
  return promise;
}

const connect = async (port: number): Promise<Socket> => {
  const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  return socket;
};

/** The server ends a connection after so many requests. */
const MOST_ON_A_CONNECTION = 9_000;

async function run(order: RequestOrder): Promise<RequestResult> {
  const { port, connections, requests, perSecond } = order;
  let [sent, answered, wrong, slept] = [0, 0, 0, 0];
  const startedAt = performance.now();
  const runOne = async (): Promise<void> => {
    let socket = await connect(port);
    for (let onThis = 1; sent < requests; onThis += 1) {
      const turn = sent++;
      const dueAt = perSecond ? startedAt + (turn / perSecond) * 1_000 : performance.now();
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        lateness[slept++ % MOST_SAMPLES] = performance.now() - dueAt;
      }
      socket.write(requestText(order, turn));
      if (!(await answerOn(socket))) wrong += 1;
      latencies[answered++ % MOST_SAMPLES] = performance.now() - Math.max(dueAt, startedAt);
      if (onThis % MOST_ON_A_CONNECTION > 0) continue;
      socket.destroy();
      socket = await connect(port);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, runOne));
  const seconds = (performance.now() - startedAt) / 1_000;
  const took = latencies.subarray(0, Math.min(answered, MOST_SAMPLES)).toSorted();
  const late = lateness.subarray(0, Math.min(slept, MOST_SAMPLES)).toSorted();
  return { answered, wrong, seconds, p50Ms: at(took, 0.5), p99Ms: at(took, 0.99), lateP99Ms: at(late, 0.99) };
}

const at = (sorted: Float32Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

process.on("message", (order: RequestOrder) => void run(order).then((result) => process.send?.(result)));
process.send?.({});
