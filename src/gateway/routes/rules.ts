// Rules over HTTP: what is in force and was, putting a text in force, and trying one on what was decided. No personal value is told.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { type DecisionDifference, decideAgain, differencesOf, readPack } from "#canonical/packs";
import { append } from "#engine/audit";
import type { Decider } from "#engine/work";
import { deciderOf } from "../access.ts";
import type { RouteOptions } from "../route-options.ts";
import { deciderSchema } from "./decider-schema.ts";

const DAY_MS = 86_400_000;
const MOST_DIFFERENCES = 200;
const MOST_TEXT = 200_000;

const name = { type: "string", maxLength: 60, pattern: "^[a-z0-9]+(-[a-z0-9]+)*$" };
const digest = { type: "string", pattern: "^[0-9a-f]{64}$" };
const text = { type: "string", minLength: 1, maxLength: MOST_TEXT };
const params = (properties: Record<string, unknown>) => ({ type: "object", properties });
const body = (properties: Record<string, unknown>, required: readonly string[] = Object.keys(properties)) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
});

/** One difference of a dry run: whose journey it was, never whom it is about. */
export type DryRunDifference = DecisionDifference & { readonly journeyId: string; readonly at: Date };

/** What a dry run found; `differences` are the first 200. */
export type DryRun = {
  readonly decided: number;
  /** Decisions that would come out otherwise. */
  readonly changed: number;
  readonly byField: Readonly<Record<string, number>>;
  readonly differences: readonly DryRunDifference[];
};

/** Registers the routes of `/ops/v1/rules`. */
export function ruleRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { rules, gate } = options;
  const readable = (request: FastifyRequest) => gate.allow(request, "rules.read", { type: "rulePack" });
  server.get("/rules", async (request) => {
    await readable(request);
    return { rules: await rules.list() };
  });

  server.get<{ Params: { name: string } }>(
    "/rules/:name",
    { schema: { params: params({ name }) } },
    async (request) => {
      await readable(request);
      const [inForce, history] = await Promise.all([
        rules.read(request.params.name),
        rules.history(request.params.name),
      ]);
      return { ...inForce, history };
    },
  );

  server.get<{ Params: { name: string; digest: string } }>(
    "/rules/:name/:digest",
    { schema: { params: params({ name, digest }) } },
    async (request) => {
      await readable(request);
      return rules.read(request.params.name, request.params.digest);
    },
  );

  server.put<{ Params: { name: string }; Body: { text: string; as?: Decider } }>(
    "/rules/:name",
    { schema: { params: params({ name }), body: body({ text, as: deciderSchema }, ["text"]) } },
    async (request) => {
      const { name: by } = deciderOf(request, request.body.as);
      await gate.allow(request, "rules.put", { type: "rulePack" }, { as: request.body.as });
      const { document, changed } = await rules.put(request.params.name, request.body.text, by);
      return { name: document.name, version: document.version, digest: document.digest, changed };
    },
  );

  server.post<{ Params: { name: string }; Body: { text: string; days: number } }>(
    "/rules/:name/dry-run",
    { schema: { params: params({ name }), body: body({ text, days: { type: "integer", minimum: 1, maximum: 366 } }) } },
    async (request) => {
      await gate.allow(request, "rules.dryrun", { type: "rulePack" });
      return dryRun(options, request);
    },
  );
}

async function dryRun(
  { recordedDecisions, db, clock }: RouteOptions,
  { principal, body: { text: packText, days } }: FastifyRequest<{ Body: { text: string; days: number } }>,
): Promise<DryRun> {
  const pack = readPack(packText);
  const now = clock.now();
  const byField: Record<string, number> = {};
  const differences: DryRunDifference[] = [];
  let [decided, changed] = [0, 0];
  for await (const { journeyId, at, input, decision } of recordedDecisions(new Date(now - days * DAY_MS))) {
    const found = differencesOf(decision, decideAgain(input, pack));
    decided += 1;
    if (found.length > 0) changed += 1;
    for (const one of found) {
      byField[one.field] = (byField[one.field] ?? 0) + 1;
      if (differences.length < MOST_DIFFERENCES) differences.push({ journeyId, at, ...one });
    }
  }
  const detail = { rules: pack.name, version: pack.version, digest: pack.digest, days, decided, changed };
  await db.transaction((tx) =>
    append(tx, [
      { at: new Date(now), part: "gateway", name: "rules.tried", outcome: "ok", actor: principal.id, detail },
    ]),
  );
  return { decided, changed, byField, differences };
}
