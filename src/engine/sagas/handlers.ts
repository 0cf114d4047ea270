// What comes to a saga: the message that starts it, triggers, events, decisions. Each becomes one transition or nothing.
//
//   start ────▶ walk ─▶ commit                 trigger ─▶ read ─▶ at its revision? ─▶ walk ─▶ commit
//   event, decision, time ─▶ read ─▶ waits for it? ─▶ walk ─▶ commit     └─ else: nothing, somebody was quicker
//                                        └─ not yet ─▶ mailbox, and a trigger to look into it
//   a step fails ─▶ at once again ─▶ back-off ─▶ a person: again, or undo

import type { Delivery, Envelope, Handler, Settlement } from "#engine/backbone";
import { asLockgateError, LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { aboutDeadLetter, deadLetter, decideDeadLetter, decideStuck, lookAgain, stuck } from "./failures.ts";
import type { Remembered } from "./memory.ts";
import type { SagaPlatform } from "./platform.ts";
import type { VersionedEvent } from "./registry.ts";
import * as store from "./store.ts";
import { advanceTopic, type ReplyContext, type Trigger, triggerMessage, walkedEffects } from "./transition.ts";
import type { Asked, InstanceWithJournal, SagaDefinition } from "./types.ts";
import { undoOne } from "./undo.ts";
import { DECIDED, type Mail, type WalkOptions, walk } from "./walk.ts";

type Completed = Settlement & { settle: "complete" };

const NOTHING: Completed = { settle: "complete" };
const DEFAULT_ATTEMPTS = 10;

/** How often a transition is tried, the first time included. */
export const attemptsOf = ({ retry }: SagaDefinition): number => retry?.maxAttempts ?? DEFAULT_ATTEMPTS;
export const undoAttemptsOf = (definition: SagaDefinition): number =>
  definition.undoRetry?.maxAttempts ?? attemptsOf(definition);

/** Starts an instance with a message of the saga's topic. A message that comes again finds its instance and does nothing. */
export function onStart(platform: SagaPlatform, definition: SagaDefinition): Handler {
  return (message, delivery) => {
    const failed = (error: LockgateError) => deadLetter(platform, definition, message, delivery, error);
    return attempted(definition, delivery, attemptsOf(definition), failed, async () => {
      const input = definition.read(message);
      const key = definition.key?.(input, message) ?? `${message.journeyId}:${definition.name}`;
      const known = await platform.reader.idOf({ saga: definition.name, key });
      const settlement =
        known === undefined
          ? await moved(platform, definition, begun(platform, definition, message, input, key), message, delivery, {
              isNew: true,
            })
          : NOTHING;
      // A person may have been asked about this message; its success is the answer.
      return delivery.waited
        ? withdrawing(platform, settlement, aboutDeadLetter(definition.name, message.position))
        : settlement;
    });
  };
}

function begun(
  { clock }: SagaPlatform,
  { name, version, steps }: SagaDefinition,
  { journeyId, traceparent }: Envelope,
  input: unknown,
  key: string,
): InstanceWithJournal {
  const now = new Date(clock.now());
  return {
    id: newId(),
    saga: name,
    version,
    key,
    journeyId,
    traceparent: traceparent ?? null,
    status: "running",
    step: steps[0]!.name,
    revision: 0,
    input,
    awaiting: null,
    resumes: null,
    code: null,
    startedAt: now,
    changedAt: now,
    journal: [],
    mailbox: {},
  };
}

const withdrawing = ({ work }: SagaPlatform, settlement: Completed, about: string): Completed => ({
  ...settlement,
  apply: async (tx) => {
    await settlement.apply?.(tx);
    await work.withdrawAbout(tx, about, "done");
  },
});

/** Moves an instance on, if it is still where the message saw it. */
export function onAdvance(platform: SagaPlatform): Handler {
  return async (message, delivery) => {
    const { instanceId, revision, late, mail } = JSON.parse(message.body.toString()) as Trigger;
    const instance = await platform.reader.instance(instanceId);
    if (!instance) return NOTHING;
    const isMeant = mail
      ? hasAwaitedMail(instance)
      : instance.revision === revision && instance.status === (late ? "waiting" : "running");
    return isMeant ? next(platform, instance, message, delivery, { isLate: late }) : NOTHING;
  };
}

/** Takes back the next step of an instance that is being undone. */
export function onUndo(platform: SagaPlatform): Handler {
  return async (message, delivery) => {
    const { instanceId, revision } = JSON.parse(message.body.toString()) as Trigger;
    const instance = await platform.reader.instance(instanceId);
    if (!instance || instance.revision !== revision || instance.status !== "undoing") return NOTHING;
    const definition = platform.registry.find(instance);
    if (!definition) return unknownVersion(instance);
    const run = { attempt: delivery.attempt, signal: delivery.signal, now: platform.clock.now() };
    return attempted(
      definition,
      delivery,
      undoAttemptsOf(definition),
      (error) => stuck(platform, definition, instance, delivery, error),
      async () => ({ settle: "complete", ...(await undoOne(definition, instance, message, run)) }),
    );
  };
}

/**
 * Gives an event to the instance that its key names.
 * @param ways how each version of the saga reads the event, the newest first
 */
export function onEvent(platform: SagaPlatform, saga: string, ways: readonly VersionedEvent[]): Handler {
  return async (message, delivery) => {
    for (const { event, versions } of ways) {
      const body = event.read(message);
      const key = event.key(body);
      const mail = { name: event.topic, body };
      const remembered = key === undefined ? undefined : platform.memory.take({ saga, key });
      if (remembered && versions.has(remembered.version) && remembered.awaiting?.event === event.topic)
        return next(platform, remembered, message, delivery, { mail });
      const id = key === undefined ? undefined : await platform.reader.idOf({ saga, key });
      const instance = id === undefined ? undefined : await platform.reader.instance(id);
      if (!instance || !versions.has(instance.version)) continue;
      return instance.status === "waiting" && instance.awaiting?.event === event.topic
        ? next(platform, instance, message, delivery, { mail })
        : keptInMailbox(instance, mail, message);
    }
    return NOTHING;
  };
}

/** Brings a decision to the instance, or to the dead letter, that a person was asked about. */
export function onDecided(platform: SagaPlatform): Handler {
  return async (message, delivery) => {
    const decided = JSON.parse(message.body.toString()) as Asked & { context: ReplyContext | null };
    const { context, ...asked } = decided;
    if (context?.kind === "dead-letter") return decideDeadLetter(platform.backbone, context, asked);
    if (context?.kind !== "ask" && context?.kind !== "stuck") return NOTHING;
    const instance = await platform.reader.instance(context.instanceId);
    if (!instance || instance.awaiting?.item !== asked.itemId) return NOTHING;
    if (context.kind === "stuck") return decideStuck(platform, instance, asked);
    const mail = { name: DECIDED, body: asked };
    return instance.status === "waiting"
      ? next(platform, instance, message, delivery, { mail })
      : keptInMailbox(instance, mail, message);
  };
}

const hasAwaitedMail = ({ status, awaiting, mailbox }: InstanceWithJournal): boolean =>
  status === "waiting" &&
  ((awaiting?.event !== undefined && awaiting.event in mailbox) ||
    (awaiting?.item !== undefined && (mailbox[DECIDED] as Asked | undefined)?.itemId === awaiting.item));

/**
 * Mail raises no revision, so a transition of the same moment may have missed it: a trigger of its own, which comes
 * after that transition, looks again. What has ended, or is ending, needs no mail.
 */
function keptInMailbox(instance: InstanceWithJournal, { name, body }: Mail, { position }: Envelope): Settlement {
  const isOver = ["completed", "undone", "cancelled", "undoing"].includes(instance.status);
  if (isOver) return NOTHING;
  return {
    settle: "complete",
    apply: async (tx) => void (await store.keepMail(tx, instance.id, name, body)),
    publish: [triggerMessage(advanceTopic(instance.saga), instance, { mail: true }, position)],
  };
}

async function next(
  platform: SagaPlatform,
  instance: InstanceWithJournal | Remembered,
  message: Envelope,
  delivery: Delivery,
  come: Pick<WalkOptions, "mail" | "isLate">,
): Promise<Settlement> {
  const definition = platform.registry.find(instance);
  if (!definition) return unknownVersion(instance);
  return attempted(
    definition,
    delivery,
    attemptsOf(definition),
    (error) => stuck(platform, definition, instance, delivery, error, come.mail),
    () => moved(platform, definition, instance, message, delivery, { isNew: false, ...come }),
  );
}

/** Another node may know it, or this one after its next start: it is tried for a while, and then a dead letter. */
const unknownVersion = ({ saga, version }: InstanceWithJournal): Settlement => ({
  settle: "abandon",
  error: new LockgateError("SAGA_VERSION_UNKNOWN", { at: `${saga} version ${version}` }),
});

async function moved(
  platform: SagaPlatform,
  definition: SagaDefinition,
  instance: InstanceWithJournal | Remembered,
  message: Envelope,
  delivery: Delivery,
  come: Pick<WalkOptions, "isNew" | "mail" | "isLate">,
): Promise<Completed> {
  const { attempt, signal } = delivery;
  const run = { attempt, signal, now: platform.clock.now(), ...come };
  const walked = await walk(definition, instance, { ...run, position: message.position });
  if ("seen" in instance && walked.awaiting?.event !== undefined) {
    // It waits once more: what it waits for may have come while nobody read it.
    const read = await platform.reader.instance(instance.id);
    if (read?.revision !== instance.revision || read.awaiting?.event !== come.mail?.name)
      throw new LockgateError("SAGA_CHANGED");
    return moved(platform, definition, read, message, delivery, come);
  }
  return { settle: "complete", ...walkedEffects({ ...platform, definition }, instance, walked, message, run) };
}

/** Runs one attempt; a failure that trying again cannot mend, or has not mended, is for a person. */
async function attempted(
  definition: SagaDefinition,
  delivery: Delivery,
  maxAttempts: number,
  failed: (error: LockgateError) => Settlement,
  run: () => Promise<Completed>,
): Promise<Settlement> {
  const judged = (thrown: unknown): Settlement => {
    const settled = definition.settle?.(thrown);
    if (settled) return settled;
    const error = asLockgateError(thrown);
    const isWorthAnother = error.disposition !== "permanent" && delivery.attempt < maxAttempts;
    return error.code === "SAGA_CHANGED" || isWorthAnother ? lookAgain(error) : failed(error);
  };
  try {
    return { ...(await run()), refused: judged };
  } catch (thrown) {
    return judged(thrown);
  }
}
