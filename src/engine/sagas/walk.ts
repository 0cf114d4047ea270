// Walking a definition: from where an instance stands, through every step that may share this commit, to where it stops.

import type { Effects } from "#engine/backbone";
import type { NewItem } from "#engine/work";
import { asLockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { count, isTracing, spanning } from "#kernel/telemetry";
import { spanOf } from "#kernel/trace";
import { contextOf, noteResult, resultsOf } from "./context.ts";
import {
  type AnyContext,
  type AnyStep,
  type Asked,
  type Awaiting,
  END,
  type Entry,
  type InstanceWithJournal,
  type SagaDefinition,
  type Status,
  type StepEnd,
} from "./types.ts";

/** A saga that goes back and back without ever waiting is committed now and then. */
const MOST_STEPS = 32;

/** The name under which a decision waits in the mailbox. */
export const DECIDED = "work.decided";

/** Something that came for an instance. */
export type Mail = { readonly name: string; readonly body: unknown };

/** What a walk comes with beside the instance. */
export type WalkOptions = {
  readonly position: number;
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** The instance is not stored yet. */
  readonly isNew: boolean;
  /** What has come just now, beside what the mailbox keeps. */
  readonly mail?: Mail | undefined;
  /** The time that it waited for has passed, whatever this node's clock says. */
  readonly isLate?: boolean | undefined;
};

/** Where a walk stopped, what it recorded, and what is to be committed with that. */
export type Walked = {
  readonly status: Extract<Status, "running" | "waiting" | "completed">;
  readonly step: string | null;
  readonly awaiting: Awaiting | null;
  readonly entries: readonly Entry[];
  readonly effects: readonly Effects[];
  /** An item to open. */
  readonly item?: { readonly id: string; readonly item: Omit<NewItem, "reply" | "journeyId"> };
  /** What was used of the mailbox, by name. */
  readonly used: Readonly<Record<string, unknown>>;
};

/** The step that follows `index` after `outcome`; the number of steps is the end. */
export function following(definition: SagaDefinition, index: number, outcome: string | undefined): number {
  const way = outcome === undefined ? undefined : definition.steps[index]!.ways?.[outcome];
  if (way === undefined) return index + 1;
  return way === END ? definition.steps.length : definition.steps.findIndex(({ name }) => name === way);
}

/** @throws what a step throws; nothing of this walk has happened then, but what the step itself did elsewhere */
export async function walk(
  definition: SagaDefinition,
  instance: InstanceWithJournal,
  options: WalkOptions,
): Promise<Walked> {
  const entries: Entry[] = [];
  const effects: Effects[] = [];
  const used: Record<string, unknown> = {};
  const mailbox = new Map(Object.entries(instance.mailbox));
  if (options.mail) mailbox.set(options.mail.name, options.mail.body);
  const journal = [...instance.journal];
  /** Made anew by each entry: a step may look at its own after others have run. */
  let results = resultsOf(journal);
  const at = new Date(options.now).toISOString();
  let index = definition.steps.findIndex(({ name }) => name === instance.step);
  let awaiting = instance.awaiting;

  const record = (step: string, kind: Entry["kind"], result: unknown, outcome?: string): void => {
    const entry: Entry = {
      revision: instance.revision + 1,
      ordinal: entries.length,
      step,
      kind,
      outcome: outcome ?? null,
      result: result ?? null,
      attempt: options.attempt,
      at,
    };
    entries.push(entry);
    journal.push(entry);
    results = { ...results };
    noteResult(results, entry);
    count("lockgate.saga.transitions", {
      "lockgate.saga": instance.saga,
      "lockgate.step": step,
      "lockgate.outcome": outcome ?? kind,
    });
  };
  const take = (name: string): unknown => {
    const body = mailbox.get(name);
    mailbox.delete(name);
    if (name in instance.mailbox) used[name] = instance.mailbox[name];
    return body;
  };
  const end = (name: string, { result, outcome, ...rest }: StepEnd<unknown>): string | undefined => {
    record(name, "ran", result, outcome);
    effects.push(rest);
    return outcome;
  };
  const stop = (status: Walked["status"], more: Partial<Walked> = {}): Walked => {
    const step = definition.steps[index]?.name ?? null;
    return { status, step, awaiting: null, entries, effects, used, ...more };
  };
  /** Where the walk stood when it had heard something last, or had found what others go by. */
  let heard: { readonly index: number; readonly entries: number; readonly effects: number } | undefined;
  /**
   * What was heard is committed before it can be held up: all that came after it is tried again by itself, and together, so
   * that no step works on what one before it read long ago.
   */
  const whereHeard = async <T>(run: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await run();
    } catch (thrown) {
      if (!heard) throw thrown;
      index = heard.index;
      entries.length = heard.entries;
      effects.length = heard.effects;
      return undefined;
    }
  };
  /** All before a step that acts elsewhere is committed when it runs. */
  const isCommitted = (): boolean => entries.length === 0 && !options.isNew;

  for (; index < definition.steps.length; awaiting = null) {
    const step = definition.steps[index]!;
    const context = contextOf(instance, journal, step.name, options, results);
    if (step.when && !step.when(context)) {
      index += 1;
      continue;
    }
    if (entries.length >= MOST_STEPS) return stop("running");
    let outcome: string | undefined;
    switch (step.kind) {
      case "run": {
        if (!step.reads && !isCommitted()) return stop("running");
        const ended = await whereHeard(() =>
          retriedAtOnce(step.immediateRetries ?? 0, () => inSpan(context, step.name, (own) => step.run(own))),
        );
        if (!ended) return stop("running");
        outcome = end(step.name, ended);
        break;
      }
      case "parallel": {
        if (!isCommitted()) return stop("running");
        const open = await runBranches(step, instance, journal, options, end);
        if (open) return stop("running");
        break;
      }
      case "wait": {
        const event = step.event?.topic;
        if (event !== undefined && mailbox.has(event)) {
          const body = take(event);
          outcome = step.outcome?.(body);
          record(step.name, "event", body, outcome);
        } else if (isPast(awaiting, options)) {
          outcome = LATE;
          record(step.name, "late", undefined, outcome);
        } else return stop("waiting", { awaiting: awaiting ?? awaitingOf(step, context, options.now) });
        break;
      }
      case "ask": {
        const decided = mailbox.get(DECIDED) as Asked | undefined;
        if (awaiting?.item === undefined) {
          const id = newId();
          const asked = await whereHeard(() => step.ask(context));
          if (!asked) return stop("running");
          const { item, ...rest } = asked;
          effects.push(rest);
          return stop("waiting", { awaiting: { item: id }, item: { id, item } });
        }
        if (decided?.itemId !== awaiting.item) return stop("waiting", { awaiting });
        take(DECIDED);
        outcome = decided.action;
        record(step.name, "decided", decided, outcome);
        break;
      }
    }
    index = following(definition, index, outcome);
    const isKept = heard && step.kind === "run" && step.keeps;
    if (isKept || entries.at(-1)!.kind !== "ran") heard = { index, entries: entries.length, effects: effects.length };
  }
  return stop("completed");
}

/** Runs a step in a span of its own, below which its calls stand. */
function inSpan<T>(context: AnyContext, step: string, run: (context: AnyContext) => Promise<T>): Promise<T> {
  if (!isTracing()) return run(context);
  const { instance } = context;
  return spanning(
    {
      name: `step ${instance.saga} ${step}`,
      kind: "internal",
      parent: spanOf(instance),
      attributes: { "lockgate.saga": instance.saga, "lockgate.step": step },
    },
    (traceparent) => run({ ...context, instance: { ...instance, traceparent } }),
  );
}

/** Outcome of a wait whose time has passed. */
const LATE = "late";

const isPast = (awaiting: Awaiting | null, { isLate, now }: WalkOptions): boolean =>
  awaiting?.till !== undefined && (isLate === true || Date.parse(awaiting.till) <= now);

function awaitingOf(step: Extract<AnyStep, { kind: "wait" }>, context: AnyContext, now: number): Awaiting {
  const within = step.withinMs?.(context);
  return {
    ...(step.event ? { event: step.event.topic } : {}),
    ...(within === undefined ? {} : { till: new Date(now + within).toISOString() }),
  };
}

/** The first tier: a step whose target provably did not act is tried again on the spot. */
async function retriedAtOnce<T>(times: number, run: () => Promise<T>): Promise<T> {
  for (let left = times; ; left -= 1) {
    try {
      return await run();
    } catch (thrown) {
      if (left <= 0 || asLockgateError(thrown).disposition !== "transient") throw thrown;
    }
  }
}

/** Runs the branches that have no result in this visit yet. @returns whether one of them is still open */
async function runBranches(
  step: Extract<AnyStep, { kind: "parallel" }>,
  instance: InstanceWithJournal,
  journal: readonly Entry[],
  options: WalkOptions,
  end: (name: string, ended: StepEnd<unknown>) => unknown,
): Promise<boolean> {
  const names = Object.keys(step.branches);
  // What ran before a person sent the instance back belongs to another visit.
  const since = journal.slice(journal.findLastIndex(({ kind }) => kind === "restarted") + 1);
  const runs = (name: string) =>
    since.filter((entry) => entry.step === `${step.name}/${name}` && entry.kind === "ran").length;
  const visit = Math.min(...names.map(runs));
  const open = names.filter((name) => runs(name) === visit);
  const settled = await Promise.allSettled(
    open.map(async (name) =>
      inSpan(contextOf(instance, journal, `${step.name}/${name}`, options), `${step.name}/${name}`, async (own) =>
        step.branches[name]!.run(own),
      ),
    ),
  );
  const failed = settled.find((one) => one.status === "rejected");
  if (failed && settled.every((one) => one.status === "rejected")) throw failed.reason;
  for (const [at, one] of settled.entries())
    if (one.status === "fulfilled") end(`${step.name}/${open[at]!}`, one.value);
  return failed !== undefined;
}
