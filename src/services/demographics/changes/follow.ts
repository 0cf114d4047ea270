// Where a proposed change stands, told from its journey and its saga.

import { type JourneySources, readJourney } from "#engine/monitor";
import type { Instance, Sagas } from "#engine/sagas";
import type { ItemSummary } from "#engine/work";
import { LockgateError } from "#kernel/errors";
import { PART } from "../leaves.ts";
import type { Change, ChangeState } from "./types.ts";

const SAGA = "demographics.update";
const MOST_ITEMS = 50;

type Sources = JourneySources & { readonly sagas: Pick<Sagas, "ofJourney"> };
type Standing = Pick<Change, "state" | "since" | "code" | "queue" | "dueAt">;

const endings: ReadonlySet<string> = new Set<ChangeState>([
  "applied",
  "unchanged",
  "superseded",
  "joined",
  "refused",
  "expired",
]);
const WRITING: ReadonlySet<string | null> = new Set(["write", "written", "stands", "close"]);

/** @throws CHANGE_UNKNOWN where no journey of that id began at `origin` */
export async function followChange(sources: Sources, origin: string, id: string): Promise<Change> {
  const [journey, instances, items] = await Promise.all([
    readJourney(sources, id),
    sources.sagas.ofJourney(id),
    sources.work.list({ journeyId: id, state: "waiting", most: MOST_ITEMS }),
  ]);
  if (journey?.channel !== origin) throw new LockgateError("CHANGE_UNKNOWN", { at: id });
  const { milestones: timeline, receivedAt: proposedAt, sender: proposedBy } = journey;
  const instance = instances.find(({ saga }) => saga === SAGA);
  const standing =
    ended(timeline) ??
    waitingFor(items, instance) ??
    stopped(journey.open, timeline) ??
    (instance ? underWay(instance) : ({ state: "received", since: proposedAt } as const));
  return { id, ...standing, proposedBy, proposedAt, timeline };
}

/** What the last milestone of the saga says. */
function ended(timeline: Change["timeline"]): Standing | undefined {
  const last = timeline.findLast(
    ({ part, name }) => (part === PART && name === "completed") || name === "dead-letter.dismissed",
  );
  if (!last) return undefined;
  return { state: endings.has(last.outcome) ? (last.outcome as ChangeState) : "cancelled", since: last.at };
}

function waitingFor(items: readonly ItemSummary[], instance: Instance | undefined): Standing | undefined {
  const [item] = items;
  if (!item) return undefined;
  const isApproval = instance?.awaiting?.item === item.id && instance.step === "approval";
  const { openedAt: since, reason: code, queue, dueAt } = item;
  return { state: isApproval ? "waiting-for-approval" : "held", since, code, queue, dueAt };
}

/** A dead letter waits for an operator; a message that failed is tried again by itself. */
function stopped(
  open: readonly { readonly state: string; readonly reason?: string }[],
  timeline: Change["timeline"],
): Standing | undefined {
  const letter = open.find(({ state }) => state === "dead");
  if (!letter) return undefined;
  const since = timeline.at(-1)?.at ?? new Date(0);
  return { state: "held", since, ...(letter.reason ? { code: letter.reason } : {}) };
}

function underWay({ step, status, code, changedAt: since }: Instance): Standing {
  if (status === "stuck" || status === "paused") return { state: "held", since, ...(code ? { code } : {}) };
  return { state: WRITING.has(step) ? "writing" : "verifying", since };
}
