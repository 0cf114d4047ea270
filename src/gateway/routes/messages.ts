// Messages over HTTP: what channels took in and how it stands, and the bytes of one for whoever says why.

import type { FastifyInstance } from "fastify";
import {
  type CountedFilter,
  listAmong,
  listCounted,
  listMessages,
  type MessageState,
  readMessageContent,
  readMessageHead,
} from "#engine/monitor";
import { journeysOf } from "#services/matching";
import { touched } from "../accesses/passage.ts";
import { openReveal } from "../reveal.ts";
import type { RouteOptions } from "../route-options.ts";
import { decisionsOf } from "./decisions.ts";

type Search = {
  readonly channel?: string;
  readonly state?: MessageState;
  readonly counted?: CountedFilter["by"] | "automatic" | "asked" | "linked" | "reviewed" | "overturned";
  readonly leastMs?: number;
  readonly belowMs?: number;
  readonly since?: string;
  readonly until?: string;
  readonly before?: string;
  readonly limit: number;
};
type Named = { Params: { id: string } };

const HOUR_MS = 3_600_000;
/** Journeys behind one number of decisions or of links: the newest. */
const MOST_COUNTED = 5_000;

/** Registers the routes of `/ops/v1/messages`. A message goes by the id of the journey that it began. */
export function messageRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, gate, serialiser } = options;
  const reveal = openReveal(options);

  contracts.route<{ Body: Search }>(server, "searchMessages", async (request) => {
    const access = await gate.allow(request, "messages.read", { type: "message" });
    const { messages, next } = await found(options, request.body);
    touched(request, { kind: "searched", found: messages.length });
    return {
      messages: messages.map((message) => serialiser.write("message", message, access)),
      ...(next === undefined ? {} : { next }),
    };
  });

  contracts.route<Named>(server, "readMessage", async (request) => {
    const access = await gate.allow(request, "messages.read", { type: "message" });
    return serialiser.write("message", await readMessageHead(options, request.params.id), access);
  });

  contracts.route<Named>(server, "revealMessage", (request) => {
    const { id } = request.params;
    return reveal(request, `message/${id}`, async () => ({
      ...(await readMessageHead(options, id)),
      ...(await readMessageContent(options, id)),
    }));
  });
}

/** Messages by how they stand; or those behind a number that figures of operations and measures tell. */
async function found(
  options: RouteOptions,
  { counted, leastMs: least = 0, belowMs: below = Number.POSITIVE_INFINITY, limit: most, ...asked }: Search,
) {
  const { channel, state, before } = asked;
  const until = asked.until === undefined ? undefined : new Date(asked.until);
  const since = asked.since === undefined ? undefined : new Date(asked.since);
  if (counted === undefined) return listMessages(options, { channel, state, before, since, until, most });
  const { db, clock } = options;
  const period = { since: since ?? new Date(clock.now() - HOUR_MS), until: until ?? new Date(clock.now()) };
  if (counted === "automatic" || counted === "asked")
    return listAmong(options, await decidedJourneys(options, counted, period), { before, most });
  if (counted === "linked" || counted === "reviewed" || counted === "overturned")
    return listAmong(options, await journeysOf(db, counted, period, MOST_COUNTED), { before, most });
  return listCounted(options, { by: counted, ...period, channel, before, most, tookMs: { least, below } });
}

async function decidedJourneys(
  options: RouteOptions,
  how: "automatic" | "asked",
  { since, until }: { readonly since: Date; readonly until: Date },
): Promise<string[]> {
  const journeys: string[] = [];
  for await (const { journeyId, at, isAutomatic } of decisionsOf(options, since))
    if (isAutomatic === (how === "automatic") && at < until) journeys.push(journeyId);
  return journeys;
}
