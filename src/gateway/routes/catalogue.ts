// The catalogue over HTTP: as JSON, as a page, and the documents themselves.

import { join } from "node:path";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { LockgateError } from "#kernel/errors";
import { catalogueOf } from "../catalogue.ts";
import { cataloguePage, pagePolicy } from "../catalogue-page.ts";
import type { RouteOptions } from "../route-options.ts";
import { throttleSettings } from "../throttle/settings.ts";
import { type ReadTopic, readBy, readTopics } from "../topics.ts";

const readable = ({ gate }: RouteOptions, request: FastifyRequest) =>
  gate.allow(request, "catalogue.read", { type: "catalogue" });

const productsOf = ({ contracts, identity, throttle, clock }: RouteOptions) =>
  catalogueOf({
    documents: contracts.documents,
    operations: contracts.operations,
    clients: identity.clients,
    throttle: throttle ?? throttleSettings.parse({}),
    now: new Date(clock.now()),
  });

/** The topics of the documents that stand beside those of the products, with the subscriptions that there are now. */
function openTopics({ policies, backbone }: RouteOptions): () => Promise<readonly ReadTopic[]> {
  const topics = readTopics(join(policies, "../asyncapi"));
  return async () => readBy(topics, await backbone.backlog());
}

/** Registers `GET /ops/v1/catalogue`. */
export function catalogueRoutes(server: FastifyInstance, options: RouteOptions): void {
  const topicsNow = openTopics(options);
  options.contracts.route(server, "readCatalogue", async (request) => {
    await readable(options, request);
    return { products: productsOf(options), topics: await topicsNow() };
  });
}

/** Registers `/catalogue`, and the documents that it points to. */
export function documentRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts } = options;
  const topicsNow = openTopics(options);
  contracts.route(server, "readCataloguePage", async (request, reply) => {
    await readable(options, request);
    reply.header("content-security-policy", pagePolicy);
    return reply.type("text/html; charset=utf-8").send(cataloguePage(productsOf(options), await topicsNow()));
  });

  contracts.route<{ Params: { file: string } }>(server, "readDocument", async (request, reply) => {
    await readable(options, request);
    const document = contracts.documents.find(({ name }) => `${name}.yaml` === request.params.file);
    if (!document) throw new LockgateError("ROUTE_UNKNOWN");
    return reply.type("application/yaml; charset=utf-8").send(document.text);
  });
}
