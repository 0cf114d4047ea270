// Comments: the deed that many do at once, so that those which come together share a commit.

import { append, appendAccesses, type NewAccess } from "#engine/audit";
import type { Clock } from "#kernel/clock";
import { commitTogether } from "#kernel/commit-together";
import type { Db, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import * as past from "./history/store.ts";
import { refuseClosed } from "./judge.ts";
import * as store from "./store.ts";
import { leafOf, lengthOf } from "./telling.ts";
import type { Seen } from "./types.ts";

/** What somebody writes about an item. */
export type NewComment = {
  readonly itemId: string;
  readonly by: string;
  readonly comment: string;
  readonly seen?: Seen | undefined;
  /** Kept where the comment is, and only there. */
  readonly access?: NewAccess | undefined;
};

/** Comments of one node. Each is refused by itself. @throws WORK_UNKNOWN, WORK_STATE, PRECONDITION_FAILED */
export function openComments({ db, clock }: { readonly db: Db; readonly clock: Clock }) {
  const write = commitTogether<NewComment, LockgateError | undefined>((all) =>
    db.transaction(async (tx) => {
      const items = await store.lockItems(
        tx,
        all.map(({ itemId }) => itemId),
      );
      const at = new Date(clock.now());
      const judged = await judge(tx, all, items, at);
      const taken = judged.flatMap(({ comment, fault }) => (fault ? [] : [comment]));
      const leaves = judged.flatMap(({ comment, item, fault }) => {
        if (!item || (fault && !fault.code.startsWith("WORK_"))) return [];
        const { by: actor, comment: text } = comment;
        if (fault) return [leafOf(item, "work.commented", at, "refused", { actor, code: fault.code, detail: {} })];
        return [leafOf(item, "work.commented", at, "ok", { actor, detail: lengthOf(text) })];
      });
      if (taken.length > 0) void past.insertComments(tx, taken, at);
      const accesses = taken.flatMap(({ access }) => (access ? [access] : []));
      void append(tx, leaves);
      void appendAccesses(tx, accesses);
      return judged.map(({ fault }) => fault);
    }),
  );
  return async (comment: NewComment): Promise<void> => {
    const fault = await write(comment);
    if (fault) throw fault;
  };
}

type Judged = {
  readonly comment: NewComment;
  readonly item: store.CommentedItem | undefined;
  readonly fault: LockgateError | undefined;
};

/** In the order in which they came: each sees the comments before it. */
async function judge(
  tx: Tx,
  all: readonly NewComment[],
  items: ReadonlyMap<string, store.CommentedItem>,
  at: Date,
): Promise<Judged[]> {
  const deeds = new Map<string, number>();
  for (const { itemId, seen } of all)
    if (seen && items.has(itemId) && !deeds.has(itemId)) deeds.set(itemId, await past.countDeeds(tx, itemId));
  return all.map((comment) => {
    const item = items.get(comment.itemId);
    const fault = faultOf(comment, item, deeds.get(comment.itemId), at);
    if (!fault) deeds.set(comment.itemId, (deeds.get(comment.itemId) ?? 0) + 1);
    return { comment, item, fault };
  });
}

function faultOf(
  { itemId, seen }: NewComment,
  item: store.CommentedItem | undefined,
  deeds: number | undefined,
  at: Date,
): LockgateError | undefined {
  if (!item) return new LockgateError("WORK_UNKNOWN", { at: itemId });
  if (seen && seen.deeds !== deeds) return new LockgateError("PRECONDITION_FAILED", { at: itemId });
  try {
    refuseClosed(item, at);
    return undefined;
  } catch (thrown) {
    return thrown as LockgateError;
  }
}
