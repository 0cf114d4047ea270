// Nodes: each says every few seconds that it is there and how the systems that it calls answer it; anybody reads all of them.

import type { Backbone } from "#engine/backbone";
import { callFigures } from "#kernel/calls";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Log } from "#kernel/log";
import { readGauge } from "#kernel/telemetry";
import { forgetNode, type NodeRow, readNodes, type SystemRow, tellNode } from "./store.ts";

const TELL_EVERY_MS = 5_000;
/** A node that has not said so for this long is gone; it stays in sight for a while. */
const GONE_AFTER_MS = 15_000;
const IN_SIGHT_MS = 600_000;

/** How a system answers, over all nodes that call it, in the last five minutes. */
export type Dependency = {
  readonly name: string;
  /** `quiet`: nobody called it; `troubled`: some calls failed; `down`: calls are held back, or none goes through. */
  readonly state: "up" | "troubled" | "down" | "quiet";
  readonly calls: number;
  readonly failed: number;
  /** Milliseconds that a call took on average; null without calls. */
  readonly meanMs: number | null;
  readonly lastOkAt: Date | null;
  readonly lastFailedAt: Date | null;
  readonly lastCode: string | null;
  /** `open`: at least one node holds its calls back; null: nothing would. */
  readonly breaker: "open" | "closed" | null;
};

/** A process of the platform. */
export type PlatformNode = {
  readonly id: string;
  readonly roles: readonly string[];
  readonly startedAt: Date;
  readonly seenAt: Date;
  readonly isGone: boolean;
  /** What it works: subscriptions, and partitions of them. */
  readonly subscriptions: number;
  readonly partitions: number;
  /** When the first of its leases runs out unless it is renewed; null: it holds none. */
  readonly leaseTill: Date | null;
};

/** Says that this node is there, until `signal` aborts; then that it is not. */
export async function announceNode(
  { id, roles }: Pick<NodeRow, "id" | "roles">,
  { db, clock, log }: { readonly db: Db; readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const startedAt = new Date(clock.now());
  while (!signal.aborted) {
    try {
      await tellNode(db, {
        id,
        roles,
        startedAt,
        seenAt: new Date(clock.now()),
        systems: await systemsOf(clock.now()),
      });
    } catch (error) {
      log.warn("this node could not say that it is there", { error });
    }
    await clock.sleep(TELL_EVERY_MS, signal);
  }
  await forgetNode(db, id).catch((error: unknown) => log.warn("this node could not say that it ends", { error }));
}

async function systemsOf(nowMs: number): Promise<SystemRow[]> {
  const breakers = new Map(
    (await readGauge("lockgate.breaker.open")).map(({ value, attributes }) => [
      attributes?.["lockgate.system"],
      value > 0,
    ]),
  );
  const figures = callFigures(nowMs);
  const unused = [...breakers.keys()].filter((name) => !figures.some(({ system }) => system === name));
  const none = { calls: 0, failed: 0, durationMs: 0, lastOkAt: null, lastFailedAt: null, lastCode: null };
  return [...figures, ...unused.map((system) => ({ system: String(system), ...none }))].map((one) => ({
    ...one,
    lastOkAt: one.lastOkAt?.toISOString() ?? null,
    lastFailedAt: one.lastFailedAt?.toISOString() ?? null,
    isHeldBack: breakers.get(one.system) ?? null,
  }));
}

/** Nodes and dependencies as they are told now. */
export async function readPlatform(
  { db, backbone }: { readonly db: Db; readonly backbone: Pick<Backbone, "leases"> },
  nowMs: number,
): Promise<{ readonly nodes: readonly PlatformNode[]; readonly dependencies: readonly Dependency[] }> {
  const [rows, leases] = await Promise.all([readNodes(db, new Date(nowMs - IN_SIGHT_MS)), backbone.leases()]);
  const nodes = rows.map(({ id, roles, startedAt, seenAt }) => {
    const own = leases.find((one) => one.node === id);
    return {
      id,
      roles,
      startedAt,
      seenAt,
      isGone: nowMs - seenAt.getTime() > GONE_AFTER_MS,
      subscriptions: own?.subscriptions ?? 0,
      partitions: own?.partitions ?? 0,
      leaseTill: own?.leaseTill ?? null,
    };
  });
  const present = rows.filter(({ seenAt }) => nowMs - seenAt.getTime() <= GONE_AFTER_MS);
  const bySystem = Map.groupBy(
    present.flatMap(({ systems }) => systems),
    ({ system }) => system,
  );
  const dependencies = [...bySystem].map(([name, all]) => dependencyOf(name, all));
  return { nodes, dependencies: dependencies.sort((one, other) => (one.name < other.name ? -1 : 1)) };
}

function dependencyOf(name: string, all: readonly SystemRow[]): Dependency {
  const sum = (of: "calls" | "failed" | "durationMs"): number => all.reduce((whole, one) => whole + one[of], 0);
  const [calls, failed] = [sum("calls"), sum("failed")];
  const latest = (of: "lastOkAt" | "lastFailedAt"): string | null =>
    all.reduce<string | null>((last, one) => ((one[of] ?? "") > (last ?? "") ? one[of] : last), null);
  const [lastOkAt, lastFailedAt] = [latest("lastOkAt"), latest("lastFailedAt")];
  const guarded = all.filter(({ isHeldBack }) => isHeldBack !== null);
  const isOpen = guarded.some(({ isHeldBack }) => isHeldBack);
  // What went through after the last failure says that it is over.
  const isDown = isOpen || (failed > 0 && (lastOkAt ?? "") < (lastFailedAt ?? "") && failed === calls);
  return {
    name,
    state: isDown ? "down" : failed > 0 ? "troubled" : calls > 0 ? "up" : "quiet",
    calls,
    failed,
    meanMs: calls > 0 ? Math.round(sum("durationMs") / calls) : null,
    lastOkAt: lastOkAt === null ? null : new Date(lastOkAt),
    lastFailedAt: lastFailedAt === null ? null : new Date(lastFailedAt),
    lastCode: all.find((one) => one.lastFailedAt === lastFailedAt)?.lastCode ?? null,
    breaker: guarded.length === 0 ? null : isOpen ? "open" : "closed",
  };
}
