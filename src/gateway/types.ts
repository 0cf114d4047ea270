// What the gateway needs from the platform behind it.

import type { Backbone } from "#engine/backbone";
import type { Channels } from "#engine/channels";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Log } from "#kernel/log";

/** One finding of a reconciliation. */
export type Discrepancy = {
  readonly subject: string;
  readonly externalId: string;
  readonly kind: "missing" | "differs" | "outstanding";
  readonly fields: readonly string[];
};

export type GatewayOptions = {
  readonly host: string;
  readonly port: number;
  readonly db: Db;
  readonly backbone: Backbone;
  readonly channels: Channels | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** The bearer token that operators' tools carry. */
  readonly operatorToken: string;
  readonly reconcile: (() => Promise<{ compared: number; discrepancies: readonly Discrepancy[] }>) | undefined;
};
