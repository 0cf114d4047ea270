// The last tier of retries: what neither trying again nor waiting has mended is for a person, as a work item.

import type { Backbone, Delivery, Envelope, Settlement } from "#engine/backbone";
import type { Action } from "#engine/work";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import type { SagaPlatform } from "./platform.ts";
import * as store from "./store.ts";
import { goOnMessage, movedLeaf, type ReplyContext } from "./transition.ts";
import type { Asked, InstanceWithJournal, SagaDefinition } from "./types.ts";
import { nextToUndo } from "./undo.ts";
import type { Mail } from "./walk.ts";

/** What an item about a dead letter has as its subject. */
export const aboutDeadLetter = (subscription: string, position: number): string => `${subscription} ${position}`;

/** Nothing is begun: the message waits where it is, its session behind it, and a person is asked. */
export function deadLetter(
  { clock, work }: SagaPlatform,
  definition: SagaDefinition,
  { position, journeyId }: Envelope,
  { attempt }: Delivery,
  error: LockgateError,
): Settlement {
  const { name: subscription } = definition;
  return {
    settle: "dead-letter",
    reason: error.code,
    description: error.message,
    apply: async (tx) => {
      const about = aboutDeadLetter(subscription, position);
      await work.withdrawAbout(tx, about, "asked again");
      await work.open(tx, newId(), {
        ...failureItem(definition, journeyId, clock.now(), error, attempt),
        subject: about,
        title: `${subscription} could not begin`,
        actions: actions(definition, "retry", "dismiss"),
        reply: { session: about, context: { kind: "dead-letter", subscription, position } satisfies ReplyContext },
      });
    },
  };
}

/** Does with a dead letter what a person decided. */
export async function decideDeadLetter(
  backbone: Backbone,
  { subscription, position }: Extract<ReplyContext, { kind: "dead-letter" }>,
  { action, by }: Asked,
): Promise<Settlement> {
  const actor = by.at(-1)?.name ?? "lockgate";
  const settle = action === "retry" ? backbone.replayDeadLetter : backbone.dismissDeadLetter;
  await settle(subscription, position, actor).catch((thrown: unknown) => {
    // Somebody settled it by hand meanwhile, or an earlier attempt of ours did.
    if (!(thrown instanceof LockgateError) || thrown.code !== "DEAD_LETTER_UNKNOWN") throw thrown;
  });
  return { settle: "complete" };
}

/** The instance stays where it is, with what it had in hand, until a person says how to go on. */
export function stuck(
  { clock, work }: SagaPlatform,
  definition: SagaDefinition,
  instance: InstanceWithJournal,
  { attempt }: Delivery,
  error: LockgateError,
  mail?: Mail,
): Settlement {
  const { id, saga, journeyId, awaiting, journal } = instance;
  const isUndoing = instance.status === "undoing";
  const step = (isUndoing ? nextToUndo(definition, journal)?.step : undefined) ?? instance.step;
  const itemId = newId();
  const to = { ...instance, revision: instance.revision + 1, status: "stuck", step, code: error.code } as const;
  return {
    settle: "complete",
    gather: [
      store.movedInstance({
        ...to,
        awaiting: { item: itemId, before: awaiting },
        resumes: isUndoing ? instance.resumes : "running",
      }),
    ],
    leaves: [movedLeaf(instance, new Date(clock.now()), to)],
    apply: async (tx) => {
      if (mail) await store.keepMail(tx, id, mail.name, mail.body);
      await work.open(tx, itemId, {
        ...failureItem(definition, journeyId, clock.now(), error, attempt),
        subject: id,
        title: `${saga} stopped at ${step}`,
        actions: isUndoing ? actions(definition, "retry") : actions(definition, "retry", "undo"),
        reply: { session: id, context: { kind: "stuck", saga, instanceId: id } satisfies ReplyContext },
      });
    },
    refused: lookAgain,
  };
}

/** Goes on as a person decided: where it stood, or back. */
export function decideStuck({ clock }: SagaPlatform, instance: InstanceWithJournal, { action, by }: Asked): Settlement {
  if (instance.status !== "stuck") return { settle: "complete" };
  const isEnding = instance.resumes === "undone" || instance.resumes === "cancelled";
  const goesBack = action === "undo" || isEnding;
  const to = {
    ...instance,
    revision: instance.revision + 1,
    status: goesBack ? "undoing" : "running",
    awaiting: goesBack ? null : (instance.awaiting?.before ?? null),
    resumes: isEnding ? instance.resumes : goesBack ? "undone" : null,
    code: goesBack ? instance.code : null,
  } as const;
  return {
    settle: "complete",
    gather: [store.movedInstance(to)],
    leaves: [movedLeaf(instance, new Date(clock.now()), to, by.at(-1)?.name)],
    publish: [goOnMessage(to)],
    refused: lookAgain,
  };
}

/** Another transition was quicker: the message is looked at again as if for the first time. */
export const lookAgain = (error: LockgateError): Settlement =>
  error.code === "SAGA_CHANGED" ? { settle: "defer", till: new Date() } : { settle: "abandon", error };

const actions = (definition: SagaDefinition, ...names: readonly string[]): Action[] =>
  names.map((name) => ({ name, quorum: 1, roles: definition.failures.roles }));

const failureItem = (
  { failures }: SagaDefinition,
  journeyId: string,
  now: number,
  error: LockgateError,
  attempts: number,
) => ({
  queue: failures.queue,
  domain: failures.domain,
  criticality: failures.criticality,
  reason: error.code,
  journeyId,
  content: { code: error.code, description: error.message },
  tried: [`${attempts} ${attempts === 1 ? "attempt" : "attempts"}`],
  excluded: [],
  dueAt: new Date(now + failures.dueMs),
});
