// Code maps over HTTP: what codes of sources stand for, who said so, and saying it anew. Nothing in them is about a patient.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { MappedCode } from "#engine/codes";
import { deciderOf } from "../access.ts";
import { pageOf } from "../pages.ts";
import type { Action } from "../policy/actions.ts";
import type { RouteOptions } from "../route-options.ts";

/** Where a code stands in a list. */
const place = z.strictObject({ system: z.string(), code: z.string() });

/** The ERP is asked while somebody waits for the answer. */
const LONGEST_CALL_MS = 10_000;

type Map<More = unknown> = { Params: { map: string } } & More;
type Search = { readonly search?: string; readonly limit: number };
type Mapping = Pick<MappedCode, "system" | "code" | "target"> & { readonly replaces: string | null };

/** Registers the routes of `/ops/v1/code-maps`. */
export function codeRoutes(server: FastifyInstance, { contracts, codes, gate }: RouteOptions): void {
  /** The map asked for, once the policies permit it. @throws CODE_MAP_UNKNOWN */
  const permitted = async (request: FastifyRequest<Map>, action: Extract<Action, `codes.${string}`>) => {
    const { map } = request.params;
    await gate.allow(request, action, { type: "codeMap", domain: codes.domainOf(map) });
    return map;
  };
  /** A call of the ERP that ends with the request's own time. */
  const calling = ({ traceparent }: FastifyRequest) => ({ traceparent, signal: AbortSignal.timeout(LONGEST_CALL_MS) });

  contracts.route(server, "listCodeMaps", async (request) => {
    const maps = await codes.maps();
    const open = maps.filter(({ domain }) => gate.may(request, "codes.read", { type: "codeMap", domain }));
    // Whoever may see none is refused, and that is on record.
    const { domain } = open[0] ?? maps[0]!;
    await gate.allow(request, "codes.read", { type: "codeMap", domain });
    return { maps: open };
  });

  contracts.route<Map<{ Querystring: Search & { readonly after?: string } }>>(server, "listCodes", async (request) => {
    const map = await permitted(request, "codes.read");
    const { search, after: cursor, limit } = request.query;
    return pageOf({
      list: "codes",
      shape: place,
      asked: { map, search },
      limit,
      cursor,
      read: (behind, most) => codes.entries(map, { search, behind, most }),
      placeOf: ({ system, code }: MappedCode) => ({ system, code }),
    });
  });

  contracts.route<Map<{ Body: Mapping }>>(server, "mapCode", async (request) => {
    const map = await permitted(request, "codes.put");
    return codes.put({ map, ...request.body }, deciderOf(request).name, calling(request));
  });

  contracts.route<Map<{ Querystring: Pick<Search, "limit"> }>>(server, "listCodeChanges", async (request) => {
    const map = await permitted(request, "codes.read");
    return { changes: await codes.changes(map, request.query.limit) };
  });

  contracts.route<Map<{ Querystring: Search }>>(server, "searchCodeTargets", async (request) => {
    const map = await permitted(request, "codes.read");
    const { search = "", limit } = request.query;
    return { targets: await codes.targets(map, search, limit, calling(request)) };
  });
}
