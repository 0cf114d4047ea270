// Whether a person may do something about an item as it stands now; without I/O.

import { LockgateError } from "#kernel/errors";
import {
  type Action,
  type Criticality,
  criticalities,
  type Decider,
  type Decision,
  type ItemSummary,
  type NewItem,
  type Obstacle,
} from "./types.ts";

/** The action that tells that an item expired; no item may offer it. */
export const EXPIRED = "expired";

/** Whether a person is still asked. */
export const waits = ({ state }: Pick<ItemSummary, "state">): boolean => state === "open" || state === "claimed";

/** @throws WORK_STATE when the item is closed, or past its end and not yet closed by the chore */
export function refuseClosed(item: Pick<ItemSummary, "id" | "state" | "expiresAt">, now: Date): void {
  if (isOver(item, now)) throw new LockgateError("WORK_STATE", { at: item.id, reason: "closed" });
}

const isOver = (item: Pick<ItemSummary, "state" | "expiresAt">, now: Date): boolean =>
  !waits(item) || (item.expiresAt !== undefined && item.expiresAt <= now);

/** @throws WORK_STATE when the item is closed, or claimed by somebody else */
export function refuseOthers(item: ItemSummary, decider: Decider, now: Date): void {
  refuseClosed(item, now);
  if (item.state === "claimed" && item.owner !== decider.name)
    throw new LockgateError("WORK_STATE", { at: item.id, reason: "claimed" });
}

/**
 * The action that `decider` may choose.
 * @throws WORK_STATE, REQUEST_INVALID, WORK_FORBIDDEN, WORK_STALE, WORK_PARTS_TIED
 */
export function permitted(
  item: ItemSummary & Pick<NewItem, "excluded">,
  decider: Decider,
  decision: Pick<Decision, "action" | "digest" | "refused">,
  now: Date,
): Action {
  refuseOthers(item, decider, now);
  const action = item.actions.find(({ name }) => name === decision.action);
  if (!action) throw new LockgateError("REQUEST_INVALID", { at: "action" });
  if (item.excluded.includes(decider.name))
    throw new LockgateError("WORK_FORBIDDEN", { at: item.id, reason: "excluded" });
  if (!isFor(action, decider)) throw new LockgateError("WORK_FORBIDDEN", { at: item.id, reason: "role" });
  if (decision.digest !== item.digest) throw new LockgateError("WORK_STALE", { at: item.id });
  refuseOddParts(action, decision.refused ?? []);
  return action;
}

/** Whether an item that waits may be decided by somebody, one way or another. */
export const mayDecide = (
  { actions, excluded }: { readonly actions: readonly Action[]; readonly excluded: readonly string[] },
  decider: Decider,
): boolean => !excluded.includes(decider.name) && actions.some((action) => isFor(action, decider));

/** What of the item itself keeps `decider` from deciding it as it stands now, or from choosing one of its actions. */
export function obstacleTo(
  item: ItemSummary & Pick<NewItem, "excluded">,
  decider: Decider,
  now: Date,
  choice?: Action["name"],
): Obstacle | undefined {
  if (isOver(item, now)) return "closed";
  if (item.state === "claimed" && item.owner !== decider.name) return "claimed";
  if (item.excluded.includes(decider.name)) return "excluded";
  const isOffered = (action: Action): boolean => (choice ?? action.name) === action.name && isFor(action, decider);
  return item.actions.some(isOffered) ? undefined : "role";
}

const isFor = ({ roles }: Action, decider: Decider): boolean =>
  roles.length === 0 || roles.some((role) => decider.roles.includes(role));

/** Whoever refuses every part refuses the whole: that is another action. What is tied is refused together. */
function refuseOddParts({ parts = [], tied = [] }: Action, refused: readonly string[]): void {
  const named = new Set(refused);
  if (named.size === 0) return;
  if (named.size >= parts.length || [...named].some((part) => !parts.includes(part)))
    throw new LockgateError("REQUEST_INVALID", { at: "refused" });
  const isTorn = tied.some(({ parts: all }) => new Set(all.map((part) => named.has(part))).size > 1);
  if (isTorn) throw new LockgateError("WORK_PARTS_TIED", { at: "refused" });
}

/** @throws REQUEST_INVALID when nobody could ever decide the item, or not for sure by one action */
export function refuseUndecidable({ actions }: NewItem): void {
  const names = new Set(actions.map(({ name }) => name));
  const isSound = actions.every(({ name, quorum }) => name !== EXPIRED && Number.isInteger(quorum) && quorum > 0);
  if (names.size === 0 || names.size < actions.length || !isSound)
    throw new LockgateError("REQUEST_INVALID", { at: "actions" });
}

/** One step up; the highest stays. */
export const raised = (criticality: Criticality): Criticality =>
  criticalities[Math.max(0, criticalities.indexOf(criticality) - 1)]!;
