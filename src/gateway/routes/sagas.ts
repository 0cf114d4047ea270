// Sagas over HTTP: what is under way, as text and as a picture, and steering one by hand. Nothing personal is told here.

import type { FastifyInstance } from "fastify";
import { diagramOf, type Instance, type InstanceWithJournal, type Sagas } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { OPERATOR } from "../operator.ts";
import type { GatewayOptions } from "../types.ts";

const id = { type: "string", format: "uuid" };
const name = { type: "string", minLength: 1, maxLength: 100 };
const idParams = { params: { type: "object", properties: { id } } };

/** An instance without what its steps saw. */
const headOf = (instance: Instance) => ({
  id: instance.id,
  saga: instance.saga,
  version: instance.version,
  journeyId: instance.journeyId,
  status: instance.status,
  step: instance.step,
  revision: instance.revision,
  code: instance.code,
  awaiting: instance.awaiting,
  startedAt: instance.startedAt,
  changedAt: instance.changedAt,
});

const wholeOf = (sagas: Sagas, instance: InstanceWithJournal) => {
  const definition = sagas.definitions.find((one) => one.name === instance.saga && one.version === instance.version);
  return {
    ...headOf(instance),
    journal: instance.journal.map(({ revision, step, kind, outcome, attempt, at }) => ({
      revision,
      step,
      kind,
      outcome,
      attempt,
      at,
    })),
    ...(definition ? { diagram: diagramOf(definition, instance) } : {}),
  };
};

/** Registers the routes of `/ops/v1/sagas`. */
export function sagaRoutes(server: FastifyInstance, { sagas }: GatewayOptions): void {
  server.get("/sagas", async () => ({
    sagas: sagas.definitions.map((one) => ({ name: one.name, version: one.version, diagram: diagramOf(one) })),
  }));

  server.get<{ Querystring: { journey: string } }>(
    "/sagas/instances",
    { schema: { querystring: { type: "object", required: ["journey"], properties: { journey: id } } } },
    async (request) => ({ instances: (await sagas.ofJourney(request.query.journey)).map(headOf) }),
  );

  server.get<{ Params: { id: string } }>("/sagas/instances/:id", { schema: idParams }, async (request) =>
    wholeOf(sagas, await sagas.instance(request.params.id)),
  );

  server.post<{ Params: { id: string; deed: "pause" | "resume" | "cancel" | "retry" }; Body: { step?: string } }>(
    "/sagas/instances/:id/:deed",
    {
      schema: {
        params: { type: "object", properties: { id, deed: { enum: ["pause", "resume", "cancel", "retry"] } } },
        body: { type: "object", additionalProperties: false, properties: { step: name } },
      },
    },
    async ({ params, body }) => {
      if (params.deed === "retry") {
        if (body.step === undefined) throw new LockgateError("REQUEST_INVALID", { at: "step" });
        await sagas.retryFrom(params.id, body.step, OPERATOR);
      } else await sagas[params.deed](params.id, OPERATOR);
      return headOf(await sagas.instance(params.id));
    },
  );
}
