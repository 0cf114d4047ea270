// `lockgate send`: sends messages from files over MLLP and prints the acknowledgements.

import { readFile } from "node:fs/promises";
import { mllpClient } from "#connectors/mllp";
import { isBatch, readAcknowledgement, readBatch } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";
import type { Config } from "../config.ts";
import { EXIT, print } from "../output.ts";

export type SendOptions = { readonly to?: string; readonly repeat: number; readonly json: boolean };

/** @returns 0 when every message was accepted */
export async function send(
  config: Config,
  files: readonly string[],
  { to, repeat, json }: SendOptions,
): Promise<number> {
  const { host, port } = addressOf(to ?? `mllp://127.0.0.1:${config.portBase + 1}`);
  const messages = (await Promise.all(files.map(messagesOf))).flat();
  const client = mllpClient({
    host,
    port,
    connections: 1,
    connectTimeoutMs: 5_000,
    ackTimeoutMs: 30_000,
    maxFrameBytes: 1_048_576,
  });
  let accepted = true;
  try {
    for (let round = 0; round < repeat; round += 1) {
      for (const { file, bytes } of messages) {
        const reply = await client.send(bytes);
        const acknowledgement = readAcknowledgement(reply);
        accepted &&= acknowledgement.code === "AA" || acknowledgement.code === "CA";
        print(
          json
            ? JSON.stringify({ file, ...acknowledgement, raw: reply.toString() })
            : reply.toString().replaceAll("\r", "\n").trimEnd(),
        );
      }
    }
  } finally {
    await client.close();
  }
  return accepted ? EXIT.done : EXIT.refused;
}

function addressOf(to: string): { host: string; port: number } {
  const url = URL.parse(to.includes("://") ? to : `mllp://${to}`);
  if (url?.protocol !== "mllp:" || url.port === "")
    throw new LockgateError("CONFIG_INVALID", { at: "--to", reason: "not mllp://host:port" });
  return { host: url.hostname, port: Number(url.port) };
}

/** The messages of a file: a batch, or one or more messages one after another. Editors end lines with LF; HL7 v2 wants CR. */
async function messagesOf(file: string): Promise<{ file: string; bytes: Buffer }[]> {
  const content = await readFile(file).catch((cause: unknown) => {
    throw new LockgateError("REQUEST_INVALID", { at: file, reason: "cannot be read", cause });
  });
  const text = content.toString("latin1").replaceAll("\r\n", "\r").replaceAll("\n", "\r");
  const bytes = Buffer.from(text, "latin1");
  if (isBatch(bytes)) {
    return readBatch(bytes).batches.flatMap((batch) =>
      batch.messages.map((message) => ({ file, bytes: Buffer.from(message) })),
    );
  }
  const starts = [...text.matchAll(/(?<=^|\r)MSH/g)].map((match) => match.index);
  if (starts.length < 2) return [{ file, bytes }];
  return starts.map((start, index) => ({ file, bytes: bytes.subarray(start, starts[index + 1]) }));
}
