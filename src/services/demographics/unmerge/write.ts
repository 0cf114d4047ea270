// The two writes of an unmerge: the values of the one that lived on, then the other's, which points to nobody any more.

import type { Effects } from "#engine/backbone";
import type { Asked, StepEnd } from "#engine/sagas";
import type { NewItem } from "#engine/work";
import type { Values, WriteSettled } from "#engine/writeback";
import { spanOf } from "#kernel/trace";
import { readErp } from "../compare.ts";
import { leafMaker } from "../leaves.ts";
import { repairItem } from "../repair.ts";
import type { DemographicsOptions } from "../types.ts";
import type { TakenBack, TakenSide, UnmergeContext } from "./types.ts";

type Results = {
  readonly takeBack?: TakenBack | undefined;
  readonly approval?: Asked | undefined;
  /** Set where a person has the write tried again. */
  readonly repair?: Asked | undefined;
  readonly repairOther?: Asked | undefined;
};
type Context = UnmergeContext<Results>;
type Which = keyof TakenBack;

/** The side of the two that a step writes. */
export const sideOf = ({ takeBack }: Results, which: Which): TakenSide | undefined => takeBack?.[which];

/** Has one of the two written, at the version that it was read at or, tried again, at the one it has now. */
export const writeSide =
  ({ writeback, clock }: DemographicsOptions, which: Which) =>
  async ({ results, instance, key, signal }: Context): Promise<StepEnd<{ readonly idempotencyKey: string }>> => {
    const { personId, values, erp } = sideOf(results, which)!;
    const isAgain = (which === "person" ? results.repair : results.repairOther) !== undefined;
    const now =
      erp && isAgain ? await readErp(writeback, erp.externalId, { traceparent: spanOf(instance), signal }) : erp;
    const decidedAt = results.approval?.by.at(-1)?.at;
    const effects = writeback.request(
      {
        subject: personId,
        idempotencyKey: key,
        values: values as Values,
        eventAt: decidedAt === undefined ? clock.now() : Date.parse(decidedAt),
        ...(now ? { basis: { version: now.version, values: now.values as Values, strict: false } } : {}),
      },
      instance,
    );
    return { result: { idempotencyKey: key }, ...effects };
  };

/** Asks a steward about a write that did not come through. */
export const askToRepair =
  ({ clock }: DemographicsOptions, which: Which) =>
  async ({
    results,
    instance,
  }: UnmergeContext<Results & { readonly settled: WriteSettled | undefined }>): Promise<
    Effects & { readonly item: Omit<NewItem, "reply" | "journeyId"> }
  > => {
    const item = repairItem(clock, results.settled, {
      subject: sideOf(results, which)!.personId,
      title: "The ERP refused a part of an unlinking of two persons",
      content: { record: which },
    });
    return { leaves: [leafMaker(clock, instance)("asked", "waiting", { code: item.reason })], item };
  };
