// The definitions a node knows, by name and version.

import { LockgateError } from "#kernel/errors";
import type { EventOf, SagaDefinition } from "./types.ts";

/** An event as some versions of a saga read it. */
export type VersionedEvent = { readonly event: EventOf<unknown>; readonly versions: ReadonlySet<number> };

type Versioned = { readonly saga: string; readonly version: number };

export type Registry = {
  /** The definition that new instances begin under, one for each name. */
  readonly latest: readonly SagaDefinition[];
  /** Every version of a saga, the newest first. */
  versions(saga: string): readonly SagaDefinition[];
  /** What each topic brings to instances of a saga, and how its versions read that, the newest first. */
  events(saga: string): ReadonlyMap<string, readonly VersionedEvent[]>;
  /** The definition that an instance runs under. */
  find(instance: Versioned): SagaDefinition | undefined;
  /** As `find`. @throws SAGA_VERSION_UNKNOWN */
  of(instance: Versioned): SagaDefinition;
};

export function registry(definitions: readonly SagaDefinition[]): Registry {
  const byName = Map.groupBy(
    definitions.toSorted((a, b) => b.version - a.version),
    ({ name }) => name,
  );
  const versions = (saga: string) => byName.get(saga) ?? [];
  const find = ({ saga, version }: Versioned) => versions(saga).find((one) => one.version === version);
  return {
    latest: [...byName.values()].map((all) => all[0]!),
    versions,
    events(saga) {
      const read = new Map<EventOf<unknown>, Set<number>>();
      for (const { version, steps } of versions(saga))
        for (const step of steps)
          if (step.kind === "wait" && step.event)
            read.set(step.event, (read.get(step.event) ?? new Set()).add(version));
      const all = [...read].map(([event, of]): VersionedEvent => ({ event, versions: of }));
      return Map.groupBy(all, ({ event }) => event.topic);
    },
    find,
    of(instance) {
      const found = find(instance);
      if (found) return found;
      throw new LockgateError("SAGA_VERSION_UNKNOWN", { at: `${instance.saga} version ${instance.version}` });
    },
  };
}
