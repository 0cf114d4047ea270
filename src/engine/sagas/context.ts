// What a step may know: the results that the journal holds, and under which key and attempt it runs.

import type { AnyContext, Entry, InstanceWithJournal } from "./types.ts";

/** What causes a step to run, and how often that has been tried. */
type Run = { readonly position: number; readonly attempt: number; readonly signal: AbortSignal };

/** Whether an entry says that its step took place. */
export const isVisit = (kind: Entry["kind"]): boolean => kind !== "undone" && kind !== "restarted";

/** The results that a journal holds, by step; of a step that ran several times, the last. */
export function resultsOf(journal: readonly Entry[]): Record<string, unknown> {
  const results: Record<string, unknown> = {};
  for (const entry of journal) noteResult(results, entry);
  return results;
}

/** Adds what an entry records to the results so far. */
export function noteResult(results: Record<string, unknown>, { step, kind, result }: Entry): void {
  if (!isVisit(kind)) return;
  const value = kind === "late" ? undefined : result;
  const slash = step.indexOf("/");
  if (slash < 0) results[step] = value;
  else {
    const name = step.slice(0, slash);
    results[name] = { ...(results[name] as object | undefined), [step.slice(slash + 1)]: value };
  }
}

/** What a step may know, given a journal, and the results in it where they are known. */
export function contextOf(
  instance: InstanceWithJournal,
  journal: readonly Entry[],
  step: string,
  run: Run,
  results: Readonly<Record<string, unknown>> = resultsOf(journal),
): AnyContext {
  const { id, saga, key, journeyId, traceparent, input } = instance;
  let visits = 0;
  for (const entry of journal) if (entry.step === step && isVisit(entry.kind)) visits += 1;
  return {
    input,
    results,
    instance: { id, saga, key, journeyId, traceparent: traceparent ?? undefined, position: run.position },
    key: `${key}:${step}${visits > 0 ? `:${visits + 1}` : ""}`,
    attempt: run.attempt,
    signal: run.signal,
  };
}
