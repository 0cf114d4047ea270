// The receiver that the relay delivers to, as a process of its own: answers AA at once and keeps count.
//
// Answers any IPC message with what has come in so far.

import { type AddressInfo, createServer, type Socket } from "node:net";

/** What has come in. */
export type SinkCount = {
  readonly unique: number;
  readonly duplicates: number;
  /** Milliseconds since the epoch of the last first arrival. */
  readonly lastAt: number;
};
/** What the process says when it listens. */
export type SinkReady = { readonly port: number };

const END = Buffer.of(0x1c, 0x0d);
const BAR = 0x7c;
/** MSH-10 begins after this many bars. */
const BARS_BEFORE_CONTROL_ID = 9;
const seen = new Set<string>();
let duplicates = 0;
let lastAt = 0;

function controlIdOf(frame: Buffer): string {
  let from = 0;
  for (let bars = 0; bars < BARS_BEFORE_CONTROL_ID; bars += 1) from = frame.indexOf(BAR, from) + 1;
  return frame.toString("latin1", from, frame.indexOf(BAR, from));
}

function take(frame: Buffer): string {
  const controlId = controlIdOf(frame);
  if (seen.has(controlId)) duplicates += 1;
  else lastAt = performance.timeOrigin + performance.now();
  seen.add(controlId);
  return `\x0bMSH|^~\\&|SINK|HUB|LOCKGATE|RX9|20260414093012||ACK^A01^ACK|${controlId}|P|2.5.1\rMSA|AA|${controlId}\r\x1c\r`;
}

function serve(socket: Socket): void {
  let held: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let replies = "";
    for (let end = held.indexOf(END); end !== -1; end = held.indexOf(END)) {
      replies += take(held.subarray(0, end));
      held = held.subarray(end + END.length);
    }
    if (replies !== "") socket.write(replies, "latin1");
  });
}

const server = createServer(serve).listen({ host: "127.0.0.1", port: 0 }, () => {
  process.send?.({ port: (server.address() as AddressInfo).port } satisfies SinkReady);
});
process.on("message", () => process.send?.({ unique: seen.size, duplicates, lastAt } satisfies SinkCount));
process.once("disconnect", () => process.exit()); // the bench was killed
