// Sagas over HTTP: what is under way, as text and as a picture, and steering one by hand. Nothing personal is told here.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { diagramOf, type Instance, type InstanceWithJournal, type Sagas } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import type { RouteOptions } from "../route-options.ts";

/** The permission that each deed asks for: whoever may hold a saga may let it go on. */
const STEERED_BY = {
  pause: "sagas.pause",
  resume: "sagas.pause",
  cancel: "sagas.cancel",
  retry: "sagas.retry",
} as const;

type Steering = { Params: { id: string; deed: keyof typeof STEERED_BY }; Body: { step?: string } | undefined };

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
export function sagaRoutes(server: FastifyInstance, { contracts, sagas, gate, serialiser }: RouteOptions): void {
  const readable = (request: FastifyRequest) => gate.allow(request, "sagas.read", { type: "saga" });

  contracts.route(server, "listSagas", async (request) => {
    await readable(request);
    return {
      sagas: sagas.definitions.map((one) => ({ name: one.name, version: one.version, diagram: diagramOf(one) })),
    };
  });

  contracts.route<{ Querystring: { journey: string } }>(server, "listSagaInstances", async (request) => {
    const access = await readable(request);
    const instances = await sagas.ofJourney(request.query.journey);
    return { instances: instances.map((one) => serialiser.write("saga", headOf(one), access)) };
  });

  contracts.route<{ Params: { id: string } }>(server, "readSagaInstance", async (request) => {
    const access = await readable(request);
    return serialiser.write("saga", wholeOf(sagas, await sagas.instance(request.params.id)), access);
  });

  contracts.route<Steering>(server, "steerSaga", async (request) => {
    const { params, body, principal } = request;
    const access = await gate.allow(request, STEERED_BY[params.deed], { type: "saga" });
    if (params.deed === "retry") {
      if (body?.step === undefined) throw new LockgateError("REQUEST_INVALID", { at: "step" });
      await sagas.retryFrom(params.id, body.step, principal.id);
    } else await sagas[params.deed](params.id, principal.id);
    return serialiser.write("saga", headOf(await sagas.instance(params.id)), access);
  });
}
