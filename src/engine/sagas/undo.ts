// Compensation: what the steps did is taken back in reverse, one step a transition.

import type { Effects, Envelope } from "#engine/backbone";
import { contextOf } from "./context.ts";
import * as store from "./store.ts";
import { allOf, endEffects, movedLeaf, triggerMessage, undoTopic } from "./transition.ts";
import type { AnyStep, Entry, InstanceWithJournal, RunStep, SagaDefinition } from "./types.ts";

type Run = { readonly attempt: number; readonly signal: AbortSignal; readonly now: number };

/** What an undone entry's result says: which entry it took back. */
type Undone = { readonly revision: number; readonly ordinal: number };

/** The entry to take back next: the last that can be and has not been. */
export function nextToUndo(definition: SagaDefinition, journal: readonly Entry[]): Entry | undefined {
  const undone = journal.filter(({ kind }) => kind === "undone").map(({ result }) => result as Undone);
  return journal.findLast(
    (entry) =>
      entry.kind === "ran" &&
      undoOf(definition, entry.step) !== undefined &&
      !undone.some(({ revision, ordinal }) => revision === entry.revision && ordinal === entry.ordinal),
  );
}

function undoOf(definition: SagaDefinition, step: string): RunStep<unknown, never, unknown>["undo"] {
  const [name, branch] = step.split("/");
  const found: AnyStep | undefined = definition.steps.find((one) => one.name === name);
  if (found?.kind === "run") return found.undo as RunStep<unknown, never, unknown>["undo"];
  if (found?.kind === "parallel" && branch !== undefined)
    return found.branches[branch]?.undo as RunStep<unknown, never, unknown>["undo"];
  return undefined;
}

/** Takes back one entry, or ends the instance when nothing is left. */
export async function undoOne(
  definition: SagaDefinition,
  instance: InstanceWithJournal,
  message: Pick<Envelope, "position">,
  run: Run,
): Promise<Effects> {
  const entry = nextToUndo(definition, instance.journal);
  const context = contextOf(instance, instance.journal, entry?.step ?? "", { ...run, ...message });
  const undone: Effects[] = [];
  const entries: Entry[] = [];
  const revision = instance.revision + 1;
  if (entry) {
    const undo = undoOf(definition, entry.step)!;
    // A step that ran several times is taken back as often, each time under a key of its own.
    const key = `${instance.key}:${entry.step}:undo:${entry.revision}`;
    undone.push(await undo({ ...context, key, result: entry.result } as never));
    entries.push({
      revision,
      ordinal: 0,
      step: entry.step,
      kind: "undone",
      outcome: null,
      result: { revision: entry.revision, ordinal: entry.ordinal } satisfies Undone,
      attempt: run.attempt,
      at: new Date(run.now).toISOString(),
    });
  }
  const journal = [...instance.journal, ...entries];
  const next = nextToUndo(definition, journal);
  const ended = instance.resumes === "cancelled" ? "cancelled" : "undone";
  const status = next ? "undoing" : ended;
  const step = next?.step ?? null;
  const { code } = instance;
  return allOf([
    ...undone,
    {
      gather: [
        store.movedInstance({
          id: instance.id,
          revision,
          status,
          step,
          awaiting: null,
          code,
          resumes: instance.resumes,
        }),
        ...entries.map((one) => store.journalEntry({ ...one, instanceId: instance.id })),
      ],
      leaves: [movedLeaf(instance, new Date(run.now), { status, step, revision, code })],
      publish: next ? [triggerMessage(undoTopic(instance.saga), instance, { revision }, message.position)] : [],
    },
    ...(next ? [] : [endEffects(definition, instance, journal, ended, { ...run, ...message, code })]),
  ]);
}
