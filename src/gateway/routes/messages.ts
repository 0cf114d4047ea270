// Messages over HTTP: what channels took in and how it stands, and the bytes of one for whoever says why.

import type { FastifyInstance } from "fastify";
import { listMessages, type MessageState, readMessageContent, readMessageHead } from "#engine/monitor";
import { touched } from "../accesses/passage.ts";
import { openReveal } from "../reveal.ts";
import type { RouteOptions } from "../route-options.ts";

type Search = {
  readonly channel?: string;
  readonly state?: MessageState;
  readonly since?: string;
  readonly until?: string;
  readonly before?: string;
  readonly limit: number;
};
type Named = { Params: { id: string } };

/** Registers the routes of `/ops/v1/messages`. A message goes by the id of the journey that it began. */
export function messageRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, gate, serialiser } = options;
  const reveal = openReveal(options);

  contracts.route<{ Body: Search }>(server, "searchMessages", async (request) => {
    const access = await gate.allow(request, "messages.read", { type: "message" });
    const { since, until, limit, ...filter } = request.body;
    const { messages, next } = await listMessages(options, {
      ...filter,
      since: since === undefined ? undefined : new Date(since),
      until: until === undefined ? undefined : new Date(until),
      most: limit,
    });
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
