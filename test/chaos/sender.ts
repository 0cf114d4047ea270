// A hospital's interface engine as a process of its own: sends a feed over many connections and repeats what nobody answered.
//
// Arguments: port, connections, then as for `feed`. Each line on stdin releases that many further messages. Prints a JSON line
// for each answer, and one with `done` once every message has its own.

import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { mllpClient } from "#connectors/mllp";
import { readAcknowledgement } from "#formats/hl7v2";
import { type Fed, feed } from "./feed.ts";

const [port, connections, count, patients, seed] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
  number,
];
const RETRY_MS = 50;
const client = mllpClient({
  host: "127.0.0.1",
  port,
  connections,
  connectTimeoutMs: 1_000,
  ackTimeoutMs: 10_000,
  maxFrameBytes: 100_000,
});
const messages = feed(count, patients, seed);
let released = 0;
let answered = 0;
let retried = 0;

async function deliver(message: Fed): Promise<void> {
  for (;;) {
    try {
      const { code, controlId, errors } = readAcknowledgement(await client.send(Buffer.from(message.bytes)));
      if (controlId !== message.controlId) throw new Error("the answer belongs to another message");
      // A fault of the platform's own is no answer to the message.
      const isFinal = code === "AA" || errors.some(({ code: condition }) => condition !== "207");
      if (isFinal) {
        answered += 1;
        process.stdout.write(`${JSON.stringify({ controlId, code })}\n`);
        return;
      }
    } catch {
      // Not answered: the same message again, under the same control id.
    }
    retried += 1;
    await pause(RETRY_MS);
  }
}

createInterface(process.stdin).on("line", (line) => {
  const till = Math.min(count, released + Number(line));
  for (const message of messages.slice(released, till)) {
    void deliver(message).then(async () => {
      if (answered < count) return;
      process.stdout.write(`${JSON.stringify({ done: true, retried })}\n`);
      await client.close();
      process.exit(0);
    });
  }
  released = till;
});
