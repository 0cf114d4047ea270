// Who is calling: Basic with a web service access key, or NTLMv2 bound to the TCP connection.

import type { Socket } from "node:net";
import { challengeFor, type NtlmChallenge, userOfAuthenticate, verifyAuthenticate } from "./ntlm.ts";
import type { Credentials, Switches } from "./settings.ts";

/** The outcome: a user, or the `WWW-Authenticate` value of a 401. */
type Identity = { user: string } | { challenge: string };

/** Checks one request's Authorization header in the light of its connection. */
export type Authenticate = (socket: Socket, authorization: string | undefined, switches: Switches) => Identity;

interface ConnectionState {
  pending?: NtlmChallenge;
  user?: string;
}

/** An authenticator for one credential. */
export function createAuthenticate(credentials: Credentials): Authenticate {
  const connections = new WeakMap<Socket, ConnectionState>();
  const expected = `Basic ${Buffer.from(`${credentials.user}:${credentials.secret}`).toString("base64")}`;

  const basic = (authorization: string | undefined): Identity => {
    if (authorization === expected) return { user: credentials.user };
    const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? "")?.[1];
    const [user, ...secret] = Buffer.from(encoded ?? "", "base64")
      .toString("utf8")
      .split(":");
    const isRight = user?.toUpperCase() === credentials.user.toUpperCase() && secret.join(":") === credentials.secret;
    return isRight ? { user: credentials.user } : { challenge: 'Basic realm=""' };
  };

  const ntlm = (socket: Socket, authorization: string | undefined): Identity => {
    const state = connections.get(socket) ?? {};
    connections.set(socket, state);
    const message = /^(?:NTLM|Negotiate)\s+(\S+)$/i.exec(authorization ?? "")?.[1];
    if (message === undefined) return state.user === undefined ? { challenge: "NTLM" } : { user: state.user };
    const bytes = Buffer.from(message, "base64");
    if (bytes.subarray(0, 8).toString("latin1") !== "NTLMSSP\0" || bytes.length < 12) return { challenge: "NTLM" };
    const type = bytes.readUInt32LE(8);
    if (type === 1) {
      delete state.user;
      state.pending = challengeFor(bytes);
      return { challenge: `NTLM ${state.pending.message.toString("base64")}` };
    }
    const { pending } = state;
    delete state.pending;
    if (type !== 3 || !pending || !verifyAuthenticate(bytes, pending, credentials)) return { challenge: "NTLM" };
    state.user = userOfAuthenticate(bytes);
    return { user: credentials.user };
  };

  return (socket, authorization, switches) =>
    switches.auth === "basic" ? basic(authorization) : ntlm(socket, authorization);
}
