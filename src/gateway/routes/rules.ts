// Rules over HTTP: what is in force and was, putting a text in force, and trying one on what was decided. No personal value is told.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { type DecisionDifference, decideAgain, differencesOf, readPack } from "#canonical/packs";
import { append } from "#engine/audit";
import { deciderOf } from "../access.ts";
import { requireMatch, tell } from "../preconditions.ts";
import type { RouteOptions } from "../route-options.ts";

const DAY_MS = 86_400_000;
const MOST_DIFFERENCES = 200;

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

/** The digest of what is in force: the tag that a change has to name. */
const tagOfRules = ({ digest }: { readonly digest: string }): string => `"${digest}"`;

/** Registers the routes of `/ops/v1/rules`. */
export function ruleRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, rules, gate } = options;
  const readable = (request: FastifyRequest) => gate.allow(request, "rules.read", { type: "rulePack" });
  contracts.route(server, "listRules", async (request) => {
    await readable(request);
    return { rules: await rules.list() };
  });

  contracts.route<{ Params: { name: string } }>(server, "readRules", async (request, reply) => {
    await readable(request);
    const [inForce, history] = await Promise.all([rules.read(request.params.name), rules.history(request.params.name)]);
    tell(reply, tagOfRules(inForce));
    return { ...inForce, history };
  });

  contracts.route<{ Params: { name: string; digest: string } }>(server, "readRulesVersion", async (request) => {
    await readable(request);
    return rules.read(request.params.name, request.params.digest);
  });

  contracts.route<{ Params: { name: string }; Body: { text: string } }>(server, "putRules", async (request, reply) => {
    const { name: by } = deciderOf(request);
    await gate.allow(request, "rules.put", { type: "rulePack" });
    const inForce = await rules.inForce(request.params.name);
    requireMatch(request, inForce && tagOfRules(inForce), { isRequired: true });
    const { document, changed } = await rules.put(request.params.name, request.body.text, by, {
      digest: inForce?.digest,
    });
    tell(reply, tagOfRules(document));
    return { name: document.name, version: document.version, digest: document.digest, changed };
  });

  contracts.route<{ Params: { name: string }; Body: { text: string; days: number } }>(
    server,
    "tryRules",
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
