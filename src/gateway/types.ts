// What the gateway needs from the platform behind it.

import type { Decision, DecisionInput } from "#canonical/packs";
import type { Backbone } from "#engine/backbone";
import type { Channels } from "#engine/channels";
import type { Rules } from "#engine/rules";
import type { Sagas } from "#engine/sagas";
import type { Work } from "#engine/work";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Log } from "#kernel/log";
import type { Persons } from "#services/demographics";
import type { IdentitySettings } from "./identity/settings.ts";

/** One finding of a reconciliation. */
export type Discrepancy = {
  readonly subject: string;
  readonly externalId: string;
  readonly kind: "missing" | "differs" | "outstanding";
  readonly fields: readonly string[];
};

/** A decision as it was recorded; its input is personal. */
export type RecordedDecision = {
  readonly journeyId: string;
  readonly at: Date;
  readonly input: DecisionInput;
  readonly decision: Decision;
};

export type GatewayOptions = {
  readonly host: string;
  readonly port: number;
  readonly db: Db;
  readonly backbone: Backbone;
  readonly channels: Channels | undefined;
  readonly sagas: Sagas;
  readonly work: Work;
  readonly rules: Rules;
  readonly persons: Persons;
  /** What was decided by rules since an instant, for dry runs of others. */
  readonly recordedDecisions: (since: Date) => AsyncIterable<RecordedDecision>;
  readonly clock: Clock;
  readonly log: Log;
  /** The bearer token that operators' tools carry. */
  readonly operatorToken: string;
  readonly identity: IdentitySettings;
  /** The folder of policies and field masks. */
  readonly policies: string;
  readonly reconcile: (() => Promise<{ compared: number; discrepancies: readonly Discrepancy[] }>) | undefined;
};
