// The saga of one requisition line: from the codes of whoever ordered to a line of the ERP's worksheet.
//
//   resolve ─▶ unmapped (the supply team maps the code) ─▶ write ─▶ written ─▶ look ─▶ refused (the supply team) ─▶ end
//      ▲            │ retry     │ refuse ─▶ end                                             │ retry, replace
//      └────────────┴────────────────────────────────────────────────────────────────────────┘

import type { RequisitionLineValues } from "#canonical/contracts";
import type { RequisitionLine } from "#canonical/model";
import {
  type Asked,
  defineSaga,
  END,
  type Ended,
  type EventOf,
  type SagaDefinition,
  type StepEnd,
} from "#engine/sagas";
import type { Values, WriteSettled } from "#engine/writeback";
import { askCode, askRefused, isConflict } from "./ask.ts";
import { leafMaker } from "./leaves.ts";
import { codesOf, keyOf, subjectOf } from "./lines.ts";
import type { Found, LineContext, Resolved, SupplyOptions } from "./types.ts";

const NAME = "supply.requisition";
const FOUR_HOURS_MS = 4 * 3_600_000;

/** The topic on which the saga is told what became of its writes. */
export const REQUISITION_SETTLED = "requisition.settled";

/** Idempotency keys begin with the instance's key: `journey:saga:line`. */
const settled: EventOf<WriteSettled> = {
  topic: REQUISITION_SETTLED,
  read: (message) => JSON.parse(message.body.toString()) as WriteSettled,
  key: ({ idempotencyKey }) => idempotencyKey.split(":").slice(0, 3).join(":"),
};

type SoFar = { readonly results: { readonly resolve: Resolved; readonly written: WriteSettled | undefined } };
const isRefused = ({ results }: SoFar): boolean => results.written?.state === "refused";

/** The definition of `supply.requisition`. */
export function requisitionSaga(options: SupplyOptions): SagaDefinition {
  const { clock, writeback } = options;
  return defineSaga<RequisitionLine>({
    name: NAME,
    version: 1,
    topic: "requisition.made",
    read: (message) => JSON.parse(message.body.toString()) as RequisitionLine,
    // One message may order several lines: each goes its own way.
    key: ({ line }, { journeyId }) => `${journeyId}:${NAME}:${line}`,
    settle: (thrown) => writeback.holdWhileDown(thrown),
    failures: { queue: "supply", domain: "supply", criticality: "high", dueMs: FOUR_HOURS_MS, roles: ["supply"] },
    onEnd: ({ results, instance, ended }) => ({
      leaves: [leafMaker(clock, instance)("completed", endingOf(results, ended), { detail: { ends: true } })],
    }),
  })
    .step("resolve", { reads: true, run: resolve(options) })
    .ask("unmapped", {
      when: ({ results }) => results.resolve.missing !== undefined,
      ask: askCode(options),
      ways: { retry: "resolve", refuse: END, withdrawn: END },
    })
    .step("write", { reads: true, run: write(options) })
    .wait("written", { event: settled, outcome: ({ state }) => state })
    .step("look", { reads: true, when: ({ results }) => isConflict(results.written), run: look(options) })
    .ask("refused", { when: isRefused, ask: askRefused(options), ways: { retry: "resolve", replace: "resolve" } })
    .end();
}

/** Looks up what the line's codes stand for now. */
const resolve =
  ({ clock, codes }: SupplyOptions) =>
  async ({ input, instance }: LineContext<unknown>): Promise<StepEnd<Resolved>> => {
    const named = codesOf(input);
    const targets = await codes.look(named.map(([list, source]) => keyOf(input, list, source)));
    const mapped = Object.fromEntries(named.flatMap(([list], nth) => (targets[nth] ? [[list, targets[nth]]] : [])));
    const missing = named.find((_, nth) => targets[nth] === undefined)?.[0];
    return missing
      ? { result: { mapped, missing } }
      : { result: { mapped }, leaves: [leafMaker(clock, instance)("mapped", "ok")] };
  };

type Answered = {
  readonly resolve: Resolved;
  readonly look?: Found | undefined;
  readonly refused?: Asked | undefined;
};

/** Hands the line to write-back in this very commit: as a new one, or in place of exactly what the supply team was shown. */
const write =
  ({ writeback }: SupplyOptions) =>
  async ({
    input,
    instance,
    key,
    results,
  }: LineContext<Answered>): Promise<StepEnd<{ readonly idempotencyKey: string }>> => {
    const values = {
      orderNumber: input.order,
      lineNumber: input.line,
      item: results.resolve.mapped.item!,
      supplier: results.resolve.mapped.supplier ?? null,
      unit: results.resolve.mapped.unit!,
      location: results.resolve.mapped.location ?? null,
      quantity: input.quantity,
      neededBy: input.neededBy ?? null,
    } satisfies RequisitionLineValues as Values;
    const request = {
      subject: subjectOf(input),
      idempotencyKey: key,
      values,
      eventAt: Date.parse(input.orderedAt),
      ...(results.refused?.action === "replace" && results.look
        ? { basis: { version: results.look.version, values: results.look.values as Values, strict: true } }
        : { isNew: true as const }),
    };
    return { result: { idempotencyKey: key }, ...writeback.request(request, instance) };
  };

/** Reads what the ERP holds of a line that is to be written otherwise. */
const look =
  ({ writeback }: SupplyOptions) =>
  async ({ input, instance, signal }: LineContext<unknown>): Promise<StepEnd<Found | undefined>> => {
    const externalId = await writeback.externalIdOf(subjectOf(input));
    const { traceparent = "" } = instance;
    const held = externalId === undefined ? undefined : await writeback.read(externalId, { traceparent, signal });
    return { result: held && { version: held.version, values: held.values as RequisitionLineValues } };
  };

/** The word for the end of a line. */
function endingOf(
  { unmapped, written }: { readonly unmapped?: Asked | undefined; readonly written?: WriteSettled | undefined },
  ended: Ended,
): WriteSettled["state"] | Ended {
  if (ended !== "completed") return ended;
  return written?.state ?? (unmapped ? "refused" : ended);
}
