// Order lines that wait for one code: how many they are, and the code mapped and all of them tried again in one go.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Mapping, mapCode } from "./codes.ts";
import { problemOf } from "./problem.ts";
import { countWaiting } from "./work.ts";
import { type GroupWish, previewGroup, startGroup } from "./work-groups.ts";

export type Cause = GroupWish["filter"];

const LOOK_EVERY_MS = 5_000;

/** How many wait for a cause. Not less than `count`, where `isMore`. */
export const useWaiting = (cause: Cause) =>
  useQuery({
    queryKey: ["work", "cause", cause],
    queryFn: () => countWaiting(cause),
    refetchInterval: LOOK_EVERY_MS,
  });

/** What was being done when it stopped. */
export type Step = "map" | "choose" | "start";

/** It stopped on the way; what comes before the step is done. */
export class StoppedAt extends Error {
  readonly step: Step;
  override readonly cause: unknown;
  constructor(step: Step, cause: unknown) {
    super(problemOf(cause).code);
    this.step = step;
    this.cause = cause;
  }
}

const at = async <Answer>(step: Step, done: Promise<Answer>): Promise<Answer> => {
  try {
    return await done;
  } catch (cause) {
    throw new StoppedAt(step, cause);
  }
};

/** A code that is mapped first, if it is not, and the lines that are tried again then. */
export type TryAgain = {
  readonly mapping?: { readonly map: string; readonly of: Mapping };
  readonly cause: Cause;
  /** Written under each line. */
  readonly comment: string;
};

/**
 * Does it, step by step.
 * @returns the group that tries them again; undefined where no line waits any more
 */
export function useTryAgain() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ mapping, cause, comment }: TryAgain): Promise<string | undefined> => {
      if (mapping) await at("map", mapCode(mapping.map, mapping.of));
      const { group } = await at("choose", previewGroup({ filter: cause, deed: "decide", action: "retry" }));
      const { id = "", digest = "", targets = 0 } = group;
      if (targets === 0) return undefined;
      await at("start", startGroup(id, { digest, comment }));
      return id;
    },
    onSettled: (group) => {
      for (const key of ["codes", "work"]) void queries.invalidateQueries({ queryKey: [key] });
      // Where lines are being tried, their group's page tells what becomes of each.
      if (!group) void queries.invalidateQueries({ queryKey: ["item"] });
    },
  });
}
