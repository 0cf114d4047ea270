// What the gateway needs from the platform behind it.

import type { PersonMatching } from "#canonical/contracts";
import type { Decision, DecisionInput } from "#canonical/packs";
import type { Backbone } from "#engine/backbone";
import type { ChannelDefinition, Channels } from "#engine/channels";
import type { Resubmissions } from "#engine/resubmissions";
import type { Rules } from "#engine/rules";
import type { Sagas } from "#engine/sagas";
import type { Work } from "#engine/work";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Log } from "#kernel/log";
import type { Changes, Persons, Trials } from "#services/demographics";
import type { CodeDesk } from "#services/supply";
import type { Transformations } from "./contracts/transformations.ts";
import type { IdentitySettings } from "./identity/settings.ts";
import type { ThrottleSettings } from "./throttle/settings.ts";
import type { TlsSettings } from "./transport.ts";

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

/** A secret or a certificate as it may be told of: by its name, never by its value. */
export type Credential = {
  readonly kind: "secret" | "certificate";
  /** What names it: a reference of the secret store, or a setting that names a file. */
  readonly name: string;
  readonly expiresAt: Date | null;
  /** When it was last read with success; null: it is read at each use. */
  readonly readAt: Date | null;
  /** How many versions are accepted at once. */
  readonly versions: number;
  /** The last attempt to read it failed, and what was read before is in use. */
  readonly isStale: boolean;
};

export type GatewayOptions = {
  readonly host: string;
  readonly port: number;
  /** Absent: HTTP in the clear. */
  readonly tls?: TlsSettings | undefined;
  readonly db: Db;
  readonly backbone: Backbone;
  readonly channels: Channels | undefined;
  /** The channels of the site, as they were written; absent: none. */
  readonly definitions?: readonly ChannelDefinition[] | undefined;
  /** What the settings name of secrets and certificates; absent: nothing. */
  readonly credentials?: (() => Promise<readonly Credential[]>) | undefined;
  readonly sagas: Sagas;
  readonly work: Work;
  readonly resubmissions: Resubmissions;
  readonly rules: Rules;
  /** What codes of sources stand for. */
  readonly codes: CodeDesk;
  readonly persons: Persons;
  readonly changes: Changes;
  readonly matching: Pick<PersonMatching, "match">;
  /** What was decided by rules since an instant, for dry runs of others. */
  readonly recordedDecisions: (since: Date) => AsyncIterable<RecordedDecision>;
  /** Tries a rule pack on one statement, without effect. */
  readonly trials: Trials;
  readonly clock: Clock;
  readonly log: Log;
  readonly identity: IdentitySettings;
  /** What clients may ask for; absent: as much as the settings' defaults say. */
  readonly throttle?: ThrottleSettings | undefined;
  /** What single consumers call otherwise than the API documents; absent: nothing. */
  readonly transformations?: Transformations | undefined;
  /** Addresses and networks whose `X-Forwarded-For` is believed; absent: nobody's. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** The folder of the built console; absent: there is none. */
  readonly console?: string | undefined;
  /** The folder of policies and field masks; the API documents stand beside it, in `openapi`. */
  readonly policies: string;
  readonly environment: "live" | "test";
  /** Figures in Prometheus' text format; absent: none are kept. */
  readonly prometheus?: (() => Promise<string>) | undefined;
  readonly reconcile: (() => Promise<{ compared: number; discrepancies: readonly Discrepancy[] }>) | undefined;
};
