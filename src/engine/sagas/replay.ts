// Recorded histories: what instances of a definition did once must stay a way through it for ever.

import { LockgateError } from "#kernel/errors";
import { contextOf } from "./context.ts";
import type { AnyStep, Entry, InstanceWithJournal, SagaDefinition, Status } from "./types.ts";
import { following } from "./walk.ts";

/** One instance's history, as a file keeps it. */
export type History = Pick<InstanceWithJournal, "saga" | "version" | "key" | "input" | "status" | "step"> & {
  readonly journal: readonly Pick<Entry, "step" | "kind" | "outcome" | "result">[];
};

/** The history of an instance, without ids and times. */
export const historyOf = ({ saga, version, key, input, status, step, journal }: InstanceWithJournal): History => ({
  saga,
  version,
  key,
  input,
  status,
  step,
  journal: journal.map((entry) => ({
    step: entry.step,
    kind: entry.kind,
    outcome: entry.outcome,
    result: entry.result,
  })),
});

const fits: Record<AnyStep["kind"], readonly Entry["kind"][]> = {
  run: ["ran"],
  parallel: ["ran"],
  wait: ["event", "late"],
  ask: ["decided"],
};

const namesOf = (step: AnyStep): readonly string[] =>
  step.kind === "parallel" ? Object.keys(step.branches).map((branch) => `${step.name}/${branch}`) : [step.name];

const isForward = (status: Status): boolean => !["undoing", "undone", "cancelled"].includes(status);

/**
 * Walks `definition` by what was recorded, running nothing.
 * @throws SAGA_DIVERGED at the first entry that the definition would not have come to, or when it ends elsewhere
 */
export function replay(definition: SagaDefinition, history: History): void {
  const diverged = (at: string): never => {
    throw new LockgateError("SAGA_DIVERGED", { at });
  };
  const { steps } = definition;
  const indexOf = (name: string | null) => steps.findIndex((step) => step.name === name);
  const signal = new AbortController().signal;
  const seen: Entry[] = [];
  let index = 0;
  /** Branches of this visit that are recorded. */
  let branches: string[] = [];

  const isSkipped = (step: AnyStep): boolean =>
    step.when?.(contextOf(history as InstanceWithJournal, seen, step.name, { position: 0, attempt: 1, signal })) ===
    false;
  const skip = (): void => {
    while (index < steps.length && isSkipped(steps[index]!)) index += 1;
  };
  const follow = (entry: Entry, place: string): void => {
    skip();
    const step = steps[index] ?? diverged(`${place}, after the end`);
    if (!namesOf(step).includes(entry.step) || branches.includes(entry.step) || !fits[step.kind].includes(entry.kind))
      diverged(`${place}: ${entry.kind} ${entry.step} where ${step.name} comes`);
    branches.push(entry.step);
    seen.push(entry);
    if (branches.length < namesOf(step).length) return;
    branches = [];
    index = following(definition, index, entry.outcome ?? undefined);
  };

  for (const [number, entry] of (history.journal as readonly Entry[]).entries()) {
    const place = `entry ${number + 1}`;
    if (entry.kind === "undone") continue;
    if (entry.kind !== "restarted") follow(entry, place);
    else {
      index = indexOf(entry.step);
      branches = [];
      if (index < 0) diverged(`${place}: restarted at ${entry.step}`);
    }
  }
  if (!isForward(history.status) || history.journal.some(({ kind }) => kind === "undone")) return;
  const at = history.status === "completed" ? steps.length : indexOf(history.step);
  if (at === index) return;
  skip();
  if (at !== index) diverged(`the end, at ${steps[index]?.name ?? "nothing"}`);
}
