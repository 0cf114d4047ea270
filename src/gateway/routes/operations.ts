// Operations: journeys, dead letters, channels, audit, reconciliation. Everything that a person does here is audited.

import type { FastifyInstance } from "fastify";
import { append, consistencyProof, inclusionProof, latestCheckpoint } from "#engine/audit";
import { findJourneys } from "#engine/monitor";
import { aboutDeadLetter } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { OPERATOR } from "../operator.ts";
import type { GatewayOptions } from "../types.ts";

type Letter = { readonly subscription: string; readonly position: string };

const text = (maxLength: number) => ({ type: "string", minLength: 1, maxLength });
const body = (properties: Record<string, unknown>, required: string[]) => ({
  schema: { body: { type: "object", additionalProperties: false, properties, required } },
});
const number = { type: "string", pattern: "^[0-9]{1,15}$" };
const letterParams = {
  type: "object",
  properties: { subscription: text(100), position: number },
};

/** Registers the routes of `/ops/v1`. */
export function operations(server: FastifyInstance, options: GatewayOptions): void {
  const { db, backbone, clock } = options;
  const note = (name: string, detail?: Record<string, string | number>, journeyId?: string) =>
    db.transaction((tx) =>
      append(tx, [
        {
          at: new Date(clock.now()),
          part: "gateway",
          name,
          outcome: "ok",
          actor: OPERATOR,
          ...(detail ? { detail } : {}),
          ...(journeyId ? { journeyId } : {}),
        },
      ]),
    );

  // The key may be an NHS number: it travels in the body, never in a URL.
  server.post<{ Body: { key: string } }>("/journeys/search", body({ key: text(200) }, ["key"]), async (request) => {
    const journeys = await findJourneys(options, request.body.key);
    await note("journeys.searched", { found: journeys.length });
    if (journeys.length === 0) throw new LockgateError("JOURNEY_UNKNOWN");
    return { journeys };
  });

  server.get<{ Querystring: { before?: string } }>(
    "/dead-letters",
    { schema: { querystring: { type: "object", properties: { before: number } } } },
    async (request) => {
      const before = request.query.before ? Number(request.query.before) : undefined;
      return { deadLetters: await backbone.parked({ state: "dead", most: 100, ...(before ? { before } : {}) }) };
    },
  );

  server.get<{ Params: Letter }>(
    "/dead-letters/:subscription/:position",
    { schema: { params: letterParams } },
    async (request) => {
      const { subscription, position } = request.params;
      const letter = await backbone.parkedMessage(subscription, Number(position));
      if (!letter) throw new LockgateError("DEAD_LETTER_UNKNOWN", { at: `${subscription} ${position}` });
      await note("content.read", { subscription, position: Number(position) }, letter.journeyId);
      return { ...letter, body: letter.body.toString("base64") };
    },
  );

  server.post<{ Params: Letter }>(
    "/dead-letters/:subscription/:position/replay",
    { schema: { params: letterParams } },
    async (request) => {
      await backbone.replayDeadLetter(request.params.subscription, Number(request.params.position), OPERATOR);
      return { state: "waiting" };
    },
  );

  server.post<{ Params: Letter }>(
    "/dead-letters/:subscription/:position/dismiss",
    { schema: { params: letterParams } },
    async (request) => {
      const { subscription, position } = request.params;
      await backbone.dismissDeadLetter(subscription, Number(position), OPERATOR);
      await db.transaction((tx) =>
        options.work.withdrawAbout(tx, aboutDeadLetter(subscription, Number(position)), "dismissed"),
      );
      return { state: "dismissing" };
    },
  );

  server.get("/channels", async () => ({
    channels: (await options.channels?.list()) ?? [],
    addresses: options.channels?.addresses() ?? {},
    backlog: await backbone.backlog(),
  }));

  server.post<{ Params: { name: string }; Body: { state: "started" | "paused" | "stopped"; reason?: string } }>(
    "/channels/:name/state",
    body({ state: { enum: ["started", "paused", "stopped"] }, reason: text(200) }, ["state"]),
    async (request) => {
      if (!options.channels) throw new LockgateError("CHANNEL_UNKNOWN", { at: request.params.name });
      await options.channels.setState(request.params.name, request.body.state, request.body.reason ?? null, OPERATOR);
      return { state: request.body.state };
    },
  );

  server.get("/audit/checkpoint", async () => {
    const checkpoint = await latestCheckpoint(db);
    if (!checkpoint) throw new LockgateError("AUDIT_NOT_SEQUENCED");
    return { size: checkpoint.size, at: checkpoint.at, note: checkpoint.note };
  });

  server.get<{ Params: { position: string } }>(
    "/audit/proof/:position",
    { schema: { params: { type: "object", properties: { position: number } } } },
    async (request) => {
      const proof = await inclusionProof(db, Number(request.params.position));
      await note("proof.read", { position: Number(request.params.position) });
      return { index: proof.index, size: proof.size, body: proof.body, proof: proof.text };
    },
  );

  server.get<{ Params: { from: string; to: string } }>(
    "/audit/consistency/:from/:to",
    { schema: { params: { type: "object", properties: { from: number, to: number } } } },
    async (request) => {
      const { fromSize, toSize, hashes } = await consistencyProof(
        db,
        Number(request.params.from),
        Number(request.params.to),
      );
      return { fromSize, toSize, hashes: hashes.map((hash) => hash.toString("base64")) };
    },
  );

  server.post("/reconcile/nav", async () => {
    if (!options.reconcile) throw new LockgateError("ERP_UNSUPPORTED");
    const report = await options.reconcile();
    await note("erp.reconciled", { compared: report.compared, discrepancies: report.discrepancies.length });
    return report;
  });
}
