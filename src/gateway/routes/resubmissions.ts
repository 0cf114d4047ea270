// Mending over HTTP: a dead letter's message proposed anew, how the proposal stands, and both messages for whoever decides on it.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Resubmission } from "#engine/resubmissions";
import { touched } from "../accesses/passage.ts";
import { mendedMessage } from "../mended.ts";
import { pageOf } from "../pages.ts";
import { openReveal } from "../reveal.ts";
import type { RouteOptions } from "../route-options.ts";

type Letter = { readonly subscription: string; readonly position: string };
type Named = { Params: { id: string } };
type Asked = { readonly state?: Resubmission["state"]; readonly limit: number; readonly cursor?: string };

/** Where a proposal stands in their list. */
const place = z.strictObject({ id: z.uuid() });

/** Registers the proposal of a dead letter, and `/ops/v1/resubmissions`. */
export function resubmissionRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, gate, serialiser, resubmissions } = options;
  const reveal = openReveal(options);

  contracts.route<{ Params: Letter; Body: { text: string; comment: string } }>(
    server,
    "proposeResubmission",
    async (request) => {
      const access = await gate.allow(request, "deadletters.resubmit", { type: "deadletter" });
      const { subscription, position: text } = request.params;
      const position = Number(text);
      const mended = mendedMessage(await resubmissions.mendable(subscription, position), request.body.text);
      const { comment } = request.body;
      const by = request.principal.id;
      const proposal = await resubmissions.propose({ subscription, position, ...mended, comment, by });
      touched(request, { journeyId: proposal.journeyId, about: [`journey/${proposal.journeyId}`] });
      return serialiser.write("resubmission", proposal, access);
    },
  );

  contracts.route<{ Querystring: Asked }>(server, "listResubmissions", async (request) => {
    const access = await gate.allow(request, "deadletters.read", { type: "deadletter" });
    const { state, limit, cursor } = request.query;
    const { entries, next } = await pageOf({
      list: "resubmissions",
      shape: place,
      asked: { state },
      limit,
      cursor,
      read: (behind, most) => resubmissions.list({ state, behind: behind?.id, most }),
      placeOf: ({ id }) => ({ id }),
    });
    const listed = entries.map((proposal) => serialiser.write("resubmission", proposal, access));
    return { resubmissions: listed, ...(next ? { next } : {}) };
  });

  contracts.route<Named>(server, "readResubmission", async (request) => {
    const access = await gate.allow(request, "deadletters.read", { type: "deadletter" });
    return serialiser.write("resubmission", await resubmissions.show(request.params.id), access);
  });

  contracts.route<Named>(server, "revealResubmission", (request) => {
    const { id } = request.params;
    return reveal(request, `resubmission/${id}`, async () => {
      const { original, proposed, keys, contentType } = await resubmissions.content(id);
      const shown = await resubmissions.show(id);
      return { ...shown, contentType, body: original, proposed: { body: proposed, keys } };
    });
  });
}
