// Operations: journeys, dead letters, channels, audit, reconciliation. Everything that a person does here is audited.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { append, consistencyProof, inclusionProof, latestCheckpoint } from "#engine/audit";
import { type ChannelState, subscriptionsOf } from "#engine/channels";
import { findJourneys, type Journey, listDeadLetters, relatedJourneys } from "#engine/monitor";
import { aboutDeadLetter } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { deciderOf } from "../access.ts";
import { touched } from "../accesses/passage.ts";
import { pageOf } from "../pages.ts";
import { requireMatch, tagOf, tell } from "../preconditions.ts";
import { openReveal } from "../reveal.ts";
import type { RouteOptions } from "../route-options.ts";

type Letter = { readonly subscription: string; readonly position: string };

/** Which letters a list is of. */
type Letters = {
  readonly channel?: string;
  readonly subscription?: string;
  readonly reason?: string;
  readonly state?: "dead" | "waiting";
};

/** Business keys that say whom a journey is about. */
const WHO = ["localId", "nhsNumber"];

/** Where a dead letter stands in their list. */
const place = z.strictObject({ position: z.int().min(0), subscription: z.string().max(100) });

const tagOfChannel = ({ name, state, reason }: ChannelState): string => tagOf(name, state, reason);

/** Registers the routes of `/ops/v1`. */
export function operations(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, db, backbone, work, resubmissions, clock, gate, serialiser } = options;
  const reveal = openReveal(options);
  const ofChannels = new Set((options.definitions ?? []).flatMap(subscriptionsOf).map(({ name }) => name));
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

  /** Whoever is to decide blind on a journey is not told what became of it so far. */
  const tellableTo = async (request: FastifyRequest, journeys: readonly Journey[]): Promise<readonly Journey[]> => {
    if (request.principal.kind !== "user") return journeys;
    const ids = journeys.map(({ id }) => id);
    const blind = await work.blindTo(deciderOf(request), ids);
    return journeys.map((journey) => (blind.has(journey.id) ? { ...journey, milestones: [] } : journey));
  };

  // The key may be an NHS number: it travels in the body, never in a URL.
  contracts.route<{ Body: { key: string } }>(server, "searchJourneys", async (request) => {
    const access = await gate.allow(request, "journeys.read", { type: "journey" });
    const journeys = await findJourneys(options, request.body.key);
    const about = journeys.map(({ id }) => `journey/${id}`);
    touched(request, { kind: "searched", found: journeys.length, about });
    if (journeys.length === 0) throw new LockgateError("JOURNEY_UNKNOWN");
    const told = await tellableTo(request, journeys);
    return { journeys: told.map((journey) => serialiser.write("journey", journey, access)) };
  });

  contracts.route<{ Params: { id: string } }>(server, "relatedJourneys", async (request) => {
    const access = await gate.allow(request, "journeys.read", { type: "journey" });
    const { id } = request.params;
    const journeys = await relatedJourneys(options, id, WHO);
    touched(request, {
      kind: "searched",
      found: journeys.length,
      about: [id, ...journeys.map((one) => one.id)].map((one) => `journey/${one}`),
    });
    const told = await tellableTo(request, journeys);
    return { journeys: told.map((journey) => serialiser.write("journey", journey, access)) };
  });

  contracts.route<{ Querystring: { limit: number; cursor?: string } & Letters }>(
    server,
    "listDeadLetters",
    async (request, reply) => {
      const access = await gate.allow(request, "deadletters.read", { type: "deadletter" });
      const { limit, cursor, channel, subscription, reason, state } = request.query;
      const asked = { channel, subscription, reason, state };
      const { entries, next } = await pageOf({
        list: "dead-letters",
        shape: place,
        asked,
        limit,
        cursor,
        read: (behind, most) => listDeadLetters(options, { ...asked, behind, most }),
        placeOf: ({ position, subscription }) => ({ position, subscription }),
      });
      const of = Object.entries(asked)
        .map(([name, value]) => (value === undefined ? "" : `&${name}=${encodeURIComponent(value)}`))
        .join("");
      if (next) reply.header("link", `</ops/v1/dead-letters?limit=${limit}${of}&cursor=${next}>; rel="next"`);
      const deadLetters = entries.map((letter) =>
        serialiser.write("deadletter", { ...letter, mendable: ofChannels.has(letter.subscription) }, access),
      );
      return { deadLetters, ...(next ? { next } : {}) };
    },
  );

  contracts.route<{ Params: Letter }>(server, "revealDeadLetter", (request) => {
    const { subscription, position } = request.params;
    return reveal(request, `message/${subscription}/${position}`, async () => {
      const letter = await backbone.parkedMessage(subscription, Number(position));
      if (!letter) throw new LockgateError("DEAD_LETTER_UNKNOWN", { at: `${subscription} ${position}` });
      return letter;
    });
  });

  contracts.route<{ Params: Letter }>(server, "replayDeadLetter", async (request) => {
    await gate.allow(request, "deadletters.replay", { type: "deadletter" });
    await backbone.replayDeadLetter(request.params.subscription, Number(request.params.position), request.principal.id);
    await resubmissions.withdrawOvertaken();
    return { state: "waiting" };
  });

  contracts.route<{ Params: Letter }>(server, "dismissDeadLetter", async (request) => {
    const { subscription, position } = request.params;
    await gate.allow(request, "deadletters.dismiss", { type: "deadletter" });
    await backbone.dismissDeadLetter(subscription, Number(position), request.principal.id);
    await db.transaction((tx) => work.withdrawAbout(tx, aboutDeadLetter(subscription, Number(position)), "dismissed"));
    await resubmissions.withdrawOvertaken();
    return { state: "dismissing" };
  });

  contracts.route(server, "listChannels", async (request) => {
    await gate.allow(request, "channels.read", { type: "channel" });
    return {
      channels: (await options.channels?.list()) ?? [],
      addresses: options.channels?.addresses() ?? {},
      backlog: await backbone.backlog(),
    };
  });

  const channelNamed = async (name: string): Promise<ChannelState> => {
    const channel = (await options.channels?.list())?.find((one) => one.name === name);
    if (!channel) throw new LockgateError("CHANNEL_UNKNOWN", { at: name });
    return channel;
  };

  contracts.route<{ Params: { name: string } }>(server, "readChannel", async (request, reply) => {
    await gate.allow(request, "channels.read", { type: "channel" });
    const { name, state, reason } = await channelNamed(request.params.name);
    const channel = { name, state, reason };
    tell(reply, tagOfChannel(channel));
    return channel;
  });

  contracts.route<{ Params: { name: string }; Body: { state: ChannelState["state"]; reason?: string } }>(
    server,
    "setChannelState",
    async (request, reply) => {
      const isHeld = request.body.state !== "started";
      await gate.allow(request, isHeld ? "channels.pause" : "channels.resume", { type: "channel" });
      const seen = await channelNamed(request.params.name);
      const isNamed = requireMatch(request, tagOfChannel(seen));
      const { state, reason = null } = request.body;
      await options.channels!.setState(seen.name, state, reason, request.principal.id, isNamed ? seen : undefined);
      tell(reply, tagOfChannel({ name: seen.name, state, reason }));
      return { state };
    },
  );

  contracts.route(server, "readCheckpoint", async (request) => {
    await gate.allow(request, "audit.prove", { type: "auditLog" });
    const checkpoint = await latestCheckpoint(db);
    if (!checkpoint) throw new LockgateError("AUDIT_NOT_SEQUENCED");
    return { size: checkpoint.size, at: checkpoint.at, note: checkpoint.note };
  });

  contracts.route<{ Params: { position: string } }>(server, "proveLeaf", async (request) => {
    await gate.allow(request, "audit.prove", { type: "auditLog" });
    const proof = await inclusionProof(db, Number(request.params.position));
    return { index: proof.index, size: proof.size, body: proof.body, proof: proof.text };
  });

  contracts.route<{ Params: { from: string; to: string } }>(server, "proveConsistency", async (request) => {
    await gate.allow(request, "audit.prove", { type: "auditLog" });
    const { fromSize, toSize, hashes } = await consistencyProof(
      db,
      Number(request.params.from),
      Number(request.params.to),
    );
    return { fromSize, toSize, hashes: hashes.map((hash) => hash.toString("base64")) };
  });

  contracts.route(server, "reconcile", async (request) => {
    await gate.allow(request, "metrics.read", { type: "platform" });
    if (!options.reconcile) throw new LockgateError("ERP_UNSUPPORTED");
    const report = await options.reconcile();
    await note(request, "erp.reconciled", { compared: report.compared, discrepancies: report.discrepancies.length });
    return report;
  });
}
