// Break-glass: each use becomes a work item, for somebody to say later whether it was justified.

import type { Work } from "#engine/work";
import type { Tx } from "#kernel/db";
import type { ForReview } from "./record.ts";

const DAY_MS = 86_400_000;
/** Unreviewed for so long it is escalated. */
const REVIEW_WITHIN_MS = 3 * DAY_MS;

/** The queue of break-glass accesses that await a review. */
export const REVIEW_QUEUE = "break-glass-review";

/**
 * Opens the review of an access. The item goes by the access's id; the one who broke the glass does not decide it.
 * Nothing waits for the decision: it stands in the item's history and in the audit.
 */
export const reviewBy =
  (work: Pick<Work, "open">) =>
  (tx: Tx, { access, asked }: ForReview): Promise<void> => {
    const action = (name: string) => ({ name, quorum: 1, roles: ["clinical-safety-officer"] });
    const personId = access.about.find((one) => one.startsWith("person/"))?.slice("person/".length);
    return work.open(tx, access.id, {
      queue: REVIEW_QUEUE,
      domain: "safety",
      reason: "break-glass",
      criticality: "high",
      journeyId: access.id,
      subject: access.id,
      title: "Somebody broke the glass",
      content: { kind: "break-glass", requestedBy: asked.principal.id, personId, comment: access.reason },
      tried: [],
      actions: [action("justified"), action("unjustified")],
      excluded: [asked.principal.id],
      dueAt: new Date(access.leaf.at.getTime() + REVIEW_WITHIN_MS),
      reply: { session: access.id, context: { kind: "break-glass" } },
    });
  };
