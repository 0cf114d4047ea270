// NTLMv2 as a server speaks it (MS-NLMP): the challenge message and the verification of the answer.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { md4 } from "./md4.ts";
import type { Credentials } from "./settings.ts";

/** A challenge sent on a connection and what it asked. */
export interface NtlmChallenge {
  serverChallenge: Buffer;
  message: Buffer;
}

const domain = "CRONUS";
// Unicode, request target, NTLM, always sign, target type domain, extended session security, target info, 128 bit.
const flags = 0x20890205;

/** CHALLENGE_MESSAGE (section 2.2.1.2) in answer to a NEGOTIATE_MESSAGE. */
export function challengeFor(_negotiate: Buffer): NtlmChallenge {
  const serverChallenge = randomBytes(8);
  const target = Buffer.from(domain, "utf16le");
  const info = Buffer.concat([
    avPair(2, target),
    avPair(1, Buffer.from("NAVSERVER", "utf16le")),
    avPair(0, Buffer.alloc(0)),
  ]);
  const head = Buffer.alloc(48);
  head.write("NTLMSSP\0", 0, "latin1");
  head.writeUInt32LE(2, 8);
  writeField(head, 12, target.length, 48);
  head.writeUInt32LE(flags, 20);
  serverChallenge.copy(head, 24);
  writeField(head, 40, info.length, 48 + target.length);
  return { serverChallenge, message: Buffer.concat([head, target, info]) };
}

/** Whether an AUTHENTICATE_MESSAGE proves the password: NTProofStr of section 3.3.2. */
export function verifyAuthenticate(message: Buffer, challenge: NtlmChallenge, credentials: Credentials): boolean {
  const response = readField(message, 20);
  const named = readField(message, 28);
  const user = readField(message, 36);
  if (!response || !named || !user || response.length < 16 + 28) return false;
  if (user.toString("utf16le").toUpperCase() !== credentials.user.toUpperCase()) return false;
  const passwordHash = md4(Buffer.from(credentials.secret, "utf16le"));
  const identity = Buffer.from(user.toString("utf16le").toUpperCase() + named.toString("utf16le"), "utf16le");
  const key = createHmac("md5", passwordHash).update(identity).digest();
  const blob = response.subarray(16);
  const proof = createHmac("md5", key).update(challenge.serverChallenge).update(blob).digest();
  return timingSafeEqual(proof, response.subarray(0, 16));
}

/** The user name of an AUTHENTICATE_MESSAGE. */
export const userOfAuthenticate = (message: Buffer): string => readField(message, 36)?.toString("utf16le") ?? "";

function avPair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

function writeField(message: Buffer, at: number, length: number, offset: number): void {
  message.writeUInt16LE(length, at);
  message.writeUInt16LE(length, at + 2);
  message.writeUInt32LE(offset, at + 4);
}

/** The bytes a length-and-offset field points to; undefined when it points outside the message. */
function readField(message: Buffer, at: number): Buffer | undefined {
  if (message.length < at + 8) return undefined;
  const length = message.readUInt16LE(at);
  const offset = message.readUInt32LE(at + 4);
  return offset + length <= message.length ? message.subarray(offset, offset + length) : undefined;
}
