// The hospital of the journey bench as a process of its own: an open loop of new persons and of address changes.
//
// Told over IPC what to send; answers with when each message left. A message waits for nobody but its own connection.

import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { personMessage } from "./persons.ts";

/** Sends A28 of the persons from `newFrom` on and, in turn with them, A31 of those from `movedFrom` on. */
export type JourneyOrder = {
  readonly port: number;
  readonly connections: number;
  /** Messages a second in all. */
  readonly rate: number;
  readonly newFrom: number;
  readonly newCount: number;
  readonly movedFrom: number;
  readonly movedCount: number;
};

/** What was sent. */
export type JourneysSent = {
  /** Milliseconds since the epoch of each A28, then of each A31. */
  readonly newAt: readonly number[];
  readonly movedAt: readonly number[];
  /** Answers that were not AA; the message was sent again. */
  readonly wrong: number;
};

const START = Buffer.of(0x0b);
const END = Buffer.of(0x1c, 0x0d);
const TICK_MS = 5;

/** A connection with what waits for it; messages follow one another as they are acknowledged, and are repeated if not. */
function line(socket: Socket, refused: () => void) {
  const waiting: (() => Buffer)[] = [];
  let inHand: Buffer | undefined;
  let reply = "";
  let idle: (() => void) | undefined;
  const next = (): void => {
    const make = waiting.shift();
    inHand = make && Buffer.concat([START, make(), END]);
    if (inHand) socket.write(inHand);
    else idle?.();
  };
  socket.setEncoding("latin1").on("data", (text: string) => {
    reply += text;
    if (!reply.endsWith("\x1c\r")) return;
    const isTaken = reply.includes("MSA|AA|");
    reply = "";
    if (isTaken) return next();
    refused();
    socket.write(inHand!);
  });
  return {
    send(make: () => Buffer): void {
      waiting.push(make);
      if (!inHand) next();
    },
    done: () =>
      new Promise<void>((resolve) => {
        idle = resolve;
        if (!inHand) resolve();
      }),
  };
}

async function run(order: JourneyOrder): Promise<JourneysSent> {
  const { newFrom, newCount, movedFrom, movedCount, rate } = order;
  let wrong = 0;
  const sockets = await Promise.all(
    Array.from({ length: order.connections }, async () => {
      const socket = createConnection({ host: "127.0.0.1", port: order.port, noDelay: true });
      await once(socket, "connect");
      return socket;
    }),
  );
  const lines = sockets.map((socket) =>
    line(socket, () => {
      wrong += 1;
    }),
  );
  const newAt: number[] = [];
  const movedAt: number[] = [];
  const now = () => performance.timeOrigin + performance.now();
  const total = newCount + movedCount;
  let sent = 0;
  const sendNext = (): void => {
    const isNew = movedAt.length >= movedCount || (newAt.length < newCount && sent % 2 === 0);
    const at = isNew ? newAt : movedAt;
    const number = at.length + (isNew ? newFrom : movedFrom);
    at.push(now());
    // What is said of one person goes by one connection, in order.
    lines[number % lines.length]!.send(() => personMessage(isNew ? "A28" : "A31", number, Date.now()));
    sent += 1;
  };
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    const ticking = setInterval(() => {
      const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1_000) * rate));
      while (sent < due) sendNext();
      if (sent < total) return;
      clearInterval(ticking);
      resolve();
    }, TICK_MS);
  });
  await Promise.all(lines.map(({ done }) => done()));
  for (const socket of sockets) socket.destroy();
  return { newAt, movedAt, wrong };
}

process.on("message", (order: JourneyOrder) => void run(order).then((sent) => process.send?.(sent)));
process.once("disconnect", () => process.exit()); // the bench was killed
process.send?.({});
