// What the parts of this module work with.

import type { Backbone } from "#engine/backbone";
import type { Work } from "#engine/work";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Memory } from "./memory.ts";
import type { Reader } from "./reader.ts";
import type { Registry } from "./registry.ts";
import type { SagaDefinition } from "./types.ts";

export type SagasOptions = {
  readonly db: Db;
  readonly backbone: Backbone;
  readonly clock: Clock;
  readonly work: Work;
  /** Every version that instances may still run under; the highest of each name is the one that new ones begin with. */
  readonly definitions: readonly SagaDefinition[];
};

/** What the parts of this module share. */
export type SagaPlatform = Omit<SagasOptions, "definitions"> & {
  readonly registry: Registry;
  readonly reader: Reader;
  readonly memory: Memory;
};
