// What a steward is asked about a write that the ERP refused: to try it again, or to leave it.

import type { NewItem } from "#engine/work";
import type { WriteSettled } from "#engine/writeback";
import type { Clock } from "#kernel/clock";

const DUE_MS = 4 * 3_600_000;

/** The item, all but what the saga adds. `content` comes beside the fields that were refused. */
export function repairItem(
  clock: Clock,
  settled: WriteSettled | undefined,
  about: { readonly subject: string; readonly title: string; readonly content: Readonly<Record<string, unknown>> },
): Omit<NewItem, "reply" | "journeyId"> {
  const code = settled?.code ?? "ERP_REFUSED";
  return {
    queue: "demographics-steward",
    domain: "demographics",
    reason: code,
    criticality: "high",
    subject: about.subject,
    title: about.title,
    content: { ...about.content, code, at: settled?.fields ?? [] },
    tried: ["written once; the ERP answered and changed nothing"],
    actions: [
      { name: "retry", quorum: 1, roles: ["steward"] },
      { name: "close", quorum: 1, roles: ["steward"] },
    ],
    excluded: [],
    dueAt: new Date(clock.now() + DUE_MS),
  };
}
