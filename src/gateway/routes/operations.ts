// Operations: journeys, dead letters, channels, audit, reconciliation. Everything that a person does here is audited.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { append, consistencyProof, inclusionProof, latestCheckpoint } from "#engine/audit";
import { findJourneys } from "#engine/monitor";
import { aboutDeadLetter } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import type { RouteOptions } from "../route-options.ts";

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
export function operations(server: FastifyInstance, options: RouteOptions): void {
  const { db, backbone, clock, gate, serialiser } = options;
  const note = (
    { principal }: FastifyRequest,
    name: string,
    detail?: Record<string, string | number>,
    journeyId?: string,
  ) =>
    db.transaction((tx) =>
      append(tx, [
        {
          at: new Date(clock.now()),
          part: "gateway",
          name,
          outcome: "ok",
          actor: principal.id,
          ...(detail ? { detail } : {}),
          ...(journeyId ? { journeyId } : {}),
        },
      ]),
    );

  // The key may be an NHS number: it travels in the body, never in a URL.
  server.post<{ Body: { key: string } }>("/journeys/search", body({ key: text(200) }, ["key"]), async (request) => {
    const access = await gate.allow(request, "journeys.read", { type: "journey" });
    const journeys = await findJourneys(options, request.body.key);
    await note(request, "journeys.searched", { found: journeys.length });
    if (journeys.length === 0) throw new LockgateError("JOURNEY_UNKNOWN");
    return { journeys: journeys.map((journey) => serialiser.write("journey", journey, access)) };
  });

  server.get<{ Querystring: { before?: string } }>(
    "/dead-letters",
    { schema: { querystring: { type: "object", properties: { before: number } } } },
    async (request) => {
      const access = await gate.allow(request, "deadletters.read", { type: "deadletter" });
      const before = request.query.before ? Number(request.query.before) : undefined;
      const letters = await backbone.parked({ state: "dead", most: 100, ...(before ? { before } : {}) });
      return { deadLetters: letters.map((letter) => serialiser.write("deadletter", letter, access)) };
    },
  );

  server.get<{ Params: Letter }>(
    "/dead-letters/:subscription/:position",
    { schema: { params: letterParams } },
    async (request) => {
      const { subscription, position } = request.params;
      const access = await gate.allow(request, "message.content.reveal", { type: "message" });
      const letter = await backbone.parkedMessage(subscription, Number(position));
      if (!letter) throw new LockgateError("DEAD_LETTER_UNKNOWN", { at: `${subscription} ${position}` });
      await note(request, "content.read", { subscription, position: Number(position) }, letter.journeyId);
      const whole = { ...letter, body: letter.body.toString("base64") };
      return {
        ...serialiser.write("deadletter", whole, access),
        ...serialiser.write("message", whole, access),
      };
    },
  );

  server.post<{ Params: Letter }>(
    "/dead-letters/:subscription/:position/replay",
    { schema: { params: letterParams } },
    async (request) => {
      await gate.allow(request, "deadletters.replay", { type: "deadletter" });
      await backbone.replayDeadLetter(
        request.params.subscription,
        Number(request.params.position),
        request.principal.id,
      );
      return { state: "waiting" };
    },
  );

  server.post<{ Params: Letter }>(
    "/dead-letters/:subscription/:position/dismiss",
    { schema: { params: letterParams } },
    async (request) => {
      const { subscription, position } = request.params;
      await gate.allow(request, "deadletters.dismiss", { type: "deadletter" });
      await backbone.dismissDeadLetter(subscription, Number(position), request.principal.id);
      await db.transaction((tx) =>
        options.work.withdrawAbout(tx, aboutDeadLetter(subscription, Number(position)), "dismissed"),
      );
      return { state: "dismissing" };
    },
  );

  server.get("/channels", async (request) => {
    await gate.allow(request, "channels.read", { type: "channel" });
    return {
      channels: (await options.channels?.list()) ?? [],
      addresses: options.channels?.addresses() ?? {},
      backlog: await backbone.backlog(),
    };
  });

  server.post<{ Params: { name: string }; Body: { state: "started" | "paused" | "stopped"; reason?: string } }>(
    "/channels/:name/state",
    body({ state: { enum: ["started", "paused", "stopped"] }, reason: text(200) }, ["state"]),
    async (request) => {
      const isHeld = request.body.state !== "started";
      await gate.allow(request, isHeld ? "channels.pause" : "channels.resume", { type: "channel" });
      if (!options.channels) throw new LockgateError("CHANNEL_UNKNOWN", { at: request.params.name });
      await options.channels.setState(
        request.params.name,
        request.body.state,
        request.body.reason ?? null,
        request.principal.id,
      );
      return { state: request.body.state };
    },
  );

  server.get("/audit/checkpoint", async (request) => {
    await gate.allow(request, "audit.prove", { type: "auditLog" });
    const checkpoint = await latestCheckpoint(db);
    if (!checkpoint) throw new LockgateError("AUDIT_NOT_SEQUENCED");
    return { size: checkpoint.size, at: checkpoint.at, note: checkpoint.note };
  });

  server.get<{ Params: { position: string } }>(
    "/audit/proof/:position",
    { schema: { params: { type: "object", properties: { position: number } } } },
    async (request) => {
      await gate.allow(request, "audit.prove", { type: "auditLog" });
      const proof = await inclusionProof(db, Number(request.params.position));
      await note(request, "proof.read", { position: Number(request.params.position) });
      return { index: proof.index, size: proof.size, body: proof.body, proof: proof.text };
    },
  );

  server.get<{ Params: { from: string; to: string } }>(
    "/audit/consistency/:from/:to",
    { schema: { params: { type: "object", properties: { from: number, to: number } } } },
    async (request) => {
      await gate.allow(request, "audit.prove", { type: "auditLog" });
      const { fromSize, toSize, hashes } = await consistencyProof(
        db,
        Number(request.params.from),
        Number(request.params.to),
      );
      return { fromSize, toSize, hashes: hashes.map((hash) => hash.toString("base64")) };
    },
  );

  server.post("/reconcile/nav", async (request) => {
    await gate.allow(request, "metrics.read", { type: "platform" });
    if (!options.reconcile) throw new LockgateError("ERP_UNSUPPORTED");
    const report = await options.reconcile();
    await note(request, "erp.reconciled", { compared: report.compared, discrepancies: report.discrepancies.length });
    return report;
  });
}
