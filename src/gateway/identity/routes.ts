// The token endpoint, which takes a form as OAuth wants it (RFC 6749 §4.4.2).

import type { FastifyInstance } from "fastify";
import { append } from "#engine/audit";
import type { Contracts } from "../contracts/contracts.ts";
import { certificateOf } from "../transport.ts";
import type { GatewayOptions } from "../types.ts";
import type { MachineTokens } from "./machine-tokens.ts";

const MOST_FORM_BYTES = 32_768;

/** Has the routes of `server` read forms, which nothing else here takes. */
export function takeForms(server: FastifyInstance): void {
  server.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: MOST_FORM_BYTES },
    (_, body, done) => done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  );
}

/** Registers `POST /oauth2/token`. Each request is audited: who was given what, or that somebody was refused. */
export function tokenRoutes(
  server: FastifyInstance,
  tokens: MachineTokens,
  { db, clock, contracts }: Pick<GatewayOptions, "db" | "clock"> & { readonly contracts: Contracts },
): void {
  takeForms(server);
  contracts.route<{ Body: Record<string, string> | undefined }>(server, "grantToken", async ({ body, raw }, reply) => {
    const { answer, client } = await tokens.grant(body ?? {}, certificateOf(raw.socket));
    const isRefused = "error" in answer;
    const leaf = {
      at: new Date(clock.now()),
      part: "gateway",
      name: "token.requested",
      outcome: isRefused ? "refused" : "ok",
      ...(client ? { actor: `lockgate:${client}` } : {}),
      detail: isRefused ? { reason: answer.error } : { scope: answer.scope },
    };
    await db.transaction((tx) => append(tx, [leaf]));
    if (isRefused) reply.code(answer.error === "invalid_client" ? 401 : 400);
    return answer;
  });
}
