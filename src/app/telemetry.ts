// Telemetry of a node: starts what the settings ask for, and answers for what can only be told when somebody looks.

import { hostname } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Backbone } from "#engine/backbone";
import type { WaitingCount, Work } from "#engine/work";
import type { Clock } from "#kernel/clock";
import type { Log } from "#kernel/log";
import { remembered } from "#kernel/remembered";
import { answerFor, type Reading, sendTelemetry } from "#kernel/telemetry";
import type { TelemetrySettings } from "#kernel/telemetry-settings";

export type TelemetryOptions = {
  readonly settings: TelemetrySettings;
  readonly site: string;
  readonly node: string;
  readonly log: Log;
};

/** Telemetry of this process, running. */
export type Telemetry = {
  /** Everything that is measured, in Prometheus' text format; absent: nothing is. */
  readonly prometheus: (() => Promise<string>) | undefined;
  close(): Promise<void>;
};

/** Starts telemetry; loads nothing where none is asked for. */
export async function startTelemetry({ settings, site, node, log }: TelemetryOptions): Promise<Telemetry> {
  if (!settings.metrics && !settings.otlp) return { prometheus: undefined, close: async () => undefined };
  const { openTelemetryExport } = await import("#kernel/telemetry-export");
  const resource = {
    "service.name": "lockgate",
    "service.namespace": site,
    "service.instance.id": node,
    "host.name": hostname(),
  };
  const { sink, prometheus, close } = openTelemetryExport({ settings, resource, log });
  sendTelemetry(sink);
  const unwatch = watchProcess();
  return {
    prometheus: settings.metrics ? prometheus : undefined,
    async close() {
      sendTelemetry(undefined);
      await close();
      unwatch();
    },
  };
}

/** The process itself: its event loop, its processor time, its memory. */
function watchProcess(): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const seconds = (nanoseconds: number): Reading[] => [{ value: Number.isNaN(nanoseconds) ? 0 : nanoseconds / 1e9 }];
  const ends = [
    answerFor("nodejs.eventloop.delay.mean", async () => seconds(delay.mean)),
    answerFor("nodejs.eventloop.delay.p99", async () => seconds(delay.percentile(99))),
    answerFor("process.memory.usage", async () => [{ value: process.memoryUsage.rss() }]),
    answerFor("process.cpu.time", async () => {
      const { user, system } = process.cpuUsage();
      return [
        { value: user / 1e6, attributes: { "cpu.mode": "user" } },
        { value: system / 1e6, attributes: { "cpu.mode": "system" } },
      ];
    }),
  ];
  return () => {
    delay.disable();
    for (const end of ends) end();
  };
}

/** What waits: in the subscriptions, and for people. The same on every node; whoever looks sees it from each. @returns what ends it */
export function watchQueues(sources: {
  backbone: Backbone;
  work: Pick<Work, "countWaiting">;
  clock: Clock;
}): () => void {
  const { backbone, work, clock } = sources;
  // Gauges that are looked at side by side share a reading.
  const backlogs = remembered<Awaited<ReturnType<Backbone["backlog"]>>>(0, clock.now);
  const counts = remembered<readonly WaitingCount[]>(0, clock.now);
  const backlog = () => backlogs("", () => backbone.backlog());
  const perDomain = async (figure: "waiting" | "overdue"): Promise<Reading[]> =>
    (await counts("", () => work.countWaiting())).map((one) => ({
      value: one[figure],
      attributes: { "lockgate.domain": one.domain },
    }));
  const of = (subscription: string) => ({ "lockgate.subscription": subscription });
  const ends = [
    answerFor("lockgate.subscription.backlog", async () =>
      (await backlog()).map(({ subscription, unread }) => ({ value: unread, attributes: of(subscription) })),
    ),
    answerFor("lockgate.subscription.parked", async () =>
      (await backlog()).flatMap(({ subscription, waiting, dead }) => [
        { value: waiting, attributes: { ...of(subscription), "lockgate.state": "waiting" } },
        { value: dead, attributes: { ...of(subscription), "lockgate.state": "dead" } },
      ]),
    ),
    answerFor("lockgate.subscription.oldest", async () =>
      (await backbone.oldest()).map(({ subscription, at }) => ({
        value: Math.max(0, (clock.now() - at.getTime()) / 1_000),
        attributes: of(subscription),
      })),
    ),
    answerFor("lockgate.work.open", () => perDomain("waiting")),
    answerFor("lockgate.work.overdue", () => perDomain("overdue")),
  ];
  return () => {
    for (const end of ends) end();
  };
}
