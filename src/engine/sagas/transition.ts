// One transition as one commit: the instance's row, its journal, what the steps want written, and what happens next.

import type { Leaf } from "#engine/audit";
import type { Effects, Envelope, Gathered, NewMessage } from "#engine/backbone";
import { WORK_DECIDED } from "#engine/work";
import type { Tx } from "#kernel/db";
import { contextOf, resultsOf } from "./context.ts";
import type { Remembered } from "./memory.ts";
import type { SagaPlatform } from "./platform.ts";
import * as store from "./store.ts";
import type { AnyContext, Ended, Entry, InstanceWithJournal, SagaDefinition, Status } from "./types.ts";
import type { Walked } from "./walk.ts";

/**
 * Body of a message that moves an instance on: from a revision (`late`: the time that it waited for has passed), or
 * because there is mail that it may be waiting for by now.
 */
export type Trigger = { readonly instanceId: string } & (
  | { readonly revision: number; readonly late?: true; readonly mail?: never }
  | { readonly mail: true; readonly revision?: never; readonly late?: never }
);

/** What `work.decided` brings back to the instance that asked. */
export type ReplyContext =
  | { readonly kind: "ask" | "stuck"; readonly saga: string; readonly instanceId: string }
  | { readonly kind: "dead-letter"; readonly subscription: string; readonly position: number };

export const advanceTopic = (saga: string): string => `${saga}.advanced`;
export const undoTopic = (saga: string): string => `${saga}.undoing`;

/** A message to an instance; messages of one instance are handled in order. */
export function triggerMessage(
  topic: string,
  instance: Pick<InstanceWithJournal, "id" | "saga" | "journeyId" | "traceparent">,
  trigger: { readonly revision: number; readonly late?: true } | { readonly mail: true },
  position?: number,
): NewMessage {
  return {
    topic,
    session: instance.id,
    journeyId: instance.journeyId,
    body: Buffer.from(JSON.stringify({ instanceId: instance.id, ...trigger } satisfies Trigger)),
    contentType: "application/json",
    source: instance.saga,
    traceparent: instance.traceparent ?? undefined,
    ...(position === undefined ? {} : { causationId: String(position) }),
  };
}

/** The message that makes an instance go on, forwards or back, from a revision of its row. */
export const goOnMessage = (
  instance: Pick<InstanceWithJournal, "id" | "saga" | "journeyId" | "traceparent" | "revision" | "status">,
): NewMessage =>
  triggerMessage(instance.status === "undoing" ? undoTopic(instance.saga) : advanceTopic(instance.saga), instance, {
    revision: instance.revision,
  });

/** Tells an instance that its question was taken over by another process: its ask ends with `withdrawn`. */
export function withdrawnMessage(asked: {
  readonly saga: string;
  readonly instanceId: string;
  readonly itemId: string;
  readonly journeyId: string;
}): NewMessage {
  const { saga, instanceId, itemId, journeyId } = asked;
  const context: ReplyContext = { kind: "ask", saga, instanceId };
  return {
    topic: WORK_DECIDED,
    session: instanceId,
    journeyId,
    body: Buffer.from(JSON.stringify({ itemId, action: "withdrawn", by: [], context })),
    contentType: "application/json",
    source: saga,
  };
}

/** Several effects as one. */
export function allOf(all: readonly Effects[]): Effects {
  const publish: NewMessage[] = [];
  const leaves: Leaf[] = [];
  const gather: Gathered[] = [];
  const steps: NonNullable<Effects["apply"]>[] = [];
  for (const effects of all) {
    if (effects.publish) publish.push(...effects.publish);
    if (effects.leaves) leaves.push(...effects.leaves);
    if (effects.gather) gather.push(...effects.gather);
    if (effects.apply) steps.push(effects.apply);
  }
  const apply = async (tx: Tx): Promise<void> => {
    for (const step of steps) await step(tx);
  };
  return { publish, leaves, gather, ...(steps.length > 0 ? { apply } : {}) };
}

/** The leaf of a transition: where the instance stands now. */
export function movedLeaf(
  instance: Pick<InstanceWithJournal, "saga" | "journeyId">,
  at: Date,
  to: {
    readonly status: Status;
    readonly step: string | null;
    readonly revision: number;
    readonly code?: string | null;
  },
  actor?: string,
): Leaf {
  return {
    at,
    part: instance.saga,
    name: "advanced",
    outcome: to.status,
    journeyId: instance.journeyId,
    ...(to.code ? { code: to.code } : {}),
    ...(actor ? { actor } : {}),
    detail: { revision: to.revision, ...(to.step ? { step: to.step } : {}) },
  };
}

/** What the end of an instance commits. */
export function endEffects(
  definition: SagaDefinition,
  instance: InstanceWithJournal,
  journal: readonly Entry[],
  ended: Ended,
  from: {
    readonly position: number;
    readonly attempt: number;
    readonly signal: AbortSignal;
    readonly code?: string | null;
  },
): Effects {
  const context: AnyContext = contextOf(instance, journal, "end", from);
  return definition.onEnd?.({ ...context, ended, ...(from.code ? { code: from.code } : {}) }) ?? {};
}

/** A walk as effects of the message that caused it. */
export function walkedEffects(
  {
    definition,
    backbone,
    work,
    clock,
    memory,
  }: Pick<SagaPlatform, "backbone" | "work" | "clock" | "memory"> & { definition: SagaDefinition },
  instance: InstanceWithJournal | Remembered,
  walked: Walked,
  message: Pick<Envelope, "position">,
  run: { readonly attempt: number; readonly signal: AbortSignal; readonly now: number; readonly isNew: boolean },
): Effects {
  const revision = instance.revision + 1;
  const { id, saga, journeyId } = instance;
  const { status, step, awaiting, item } = walked;
  const journal = [...instance.journal, ...walked.entries];
  const head = { id, revision, status, step, awaiting, code: null };
  const till = awaiting?.till;
  const hasUsed = Object.keys(walked.used).length > 0 && !run.isNew;
  const later: Effects = {
    apply: async (tx) => {
      if (item) {
        const context: ReplyContext = { kind: "ask", saga, instanceId: id };
        await work.open(tx, item.id, { ...item.item, journeyId, reply: { session: id, context } });
      }
      if (till !== undefined) {
        const late = triggerMessage(advanceTopic(saga), instance, { revision, late: true }, message.position);
        await backbone.schedule(tx, late, new Date(till));
      }
      if (hasUsed) await store.dropMail(tx, id, walked.used);
    },
  };
  const input = definition.keep ? definition.keep(instance.input, resultsOf(journal)) : instance.input;
  const waits = awaiting?.event !== undefined;
  const written = waits
    ? (at: number) =>
        memory.keep({ ...instance, ...head, input: run.isNew ? input : instance.input, journal, mailbox: {} }, at)
    : undefined;
  return allOf([
    ...walked.effects,
    {
      gather: [
        run.isNew
          ? store.newInstance({ ...instance, ...head, input }, written)
          : store.movedInstance(
              { ...head, resumes: null, seen: "seen" in instance ? instance.seen : undefined },
              written,
            ),
        ...walked.entries.map((entry) => store.journalEntry({ ...entry, instanceId: id })),
      ],
      leaves: [movedLeaf(instance, new Date(clock.now()), { status, step, revision })],
      publish:
        status === "running" ? [triggerMessage(advanceTopic(saga), instance, { revision }, message.position)] : [],
    },
    ...(status === "completed" ? [endEffects(definition, instance, journal, "completed", { ...run, ...message })] : []),
    ...(item || till !== undefined || hasUsed ? [later] : []),
  ]);
}
