// Taking in what a person mended: the same judgement as at the wire, in the transaction of whoever decides on it.

import type { Backbone } from "#engine/backbone";
import type { Clock } from "#kernel/clock";
import type { Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { tryMessage } from "./bench.ts";
import { type Environment, judge } from "./channel.ts";
import { takeIn } from "./intake.ts";
import type { Arrival, ChannelDefinition } from "./types.ts";

/** A message in the place of another. */
export type Mended = {
  readonly definition: ChannelDefinition;
  readonly arrival: Arrival;
  /** The journey that it begins. */
  readonly journeyId: string;
  /** Who had it taken in. */
  readonly by: string;
  /** What its first leaf says besides. */
  readonly detail: Readonly<Record<string, string>>;
};

/** @throws what the channel finds wrong with a message, by code and path */
export function refuseUnsound(
  definition: ChannelDefinition,
  bytes: Uint8Array,
  on: { readonly environment: Environment; readonly receivedAt: Date },
): void {
  const failed = tryMessage(definition, bytes, on).steps.find(({ outcome }) => outcome === "failed");
  if (failed) throw new LockgateError(failed.code ?? "CHANNEL_TRANSFORM_FAILED", failed);
}

/** Takes a mended message in, in the caller's transaction. @throws as `refuseUnsound`: the channel may be another by now */
export async function takeInMended(
  tx: Tx,
  {
    backbone,
    clock,
    environment,
  }: { readonly backbone: Backbone; readonly clock: Clock; readonly environment: Environment },
  { definition, arrival, journeyId, by, detail }: Mended,
): Promise<void> {
  const at = new Date(clock.now());
  refuseUnsound(definition, arrival.bytes, { environment, receivedAt: at });
  await takeIn(tx, backbone, judge(definition, arrival, environment, clock), { journeyId, at, actor: by, detail });
}
