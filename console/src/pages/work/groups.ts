// Work items by their cause: what one decision may settle together, and what never is.

import type { Action, ItemSummary } from "../../api/work.ts";

/** Items that wait in one queue for one reason. */
export type Group = {
  readonly key: string;
  readonly domain: string;
  readonly queue: string;
  readonly reason: string;
  readonly title: string;
  readonly items: readonly ItemSummary[];
  readonly oldestAt: string;
  readonly nextDueAt: string;
};

/** Groups in the order of their most pressing item. */
export const groupsOf = (items: readonly ItemSummary[]): readonly Group[] =>
  [...Map.groupBy(items, ({ queue, reason, title }) => `${queue} ${reason} ${title}`)].map(([key, all]) => {
    const [{ domain = "", queue = "", reason = "", title = "" } = {}] = all;
    const earliest = (times: readonly (string | undefined)[]) =>
      times.filter((one) => one !== undefined).sort()[0] ?? "";
    return {
      key,
      domain,
      queue,
      reason,
      title,
      items: all,
      oldestAt: earliest(all.map(({ openedAt }) => openedAt)),
      nextDueAt: earliest(all.map(({ dueAt }) => dueAt)),
    };
  });

/** To choose these, one has to have looked at whom it is about. */
const NEEDS_A_LOOK = /^(approve|link|new|same|different|unlink|agree|replace)/;

/** What may be chosen for all of a group at once: what every item offers, and what changes nobody's record unseen. */
export function commonActions({ items }: Group, roles: readonly string[]): readonly string[] {
  const offered = items.map(({ actions = [] }) =>
    actions.filter((one) => isMine(one, roles)).map(({ name = "" }) => name),
  );
  const [first = [], ...rest] = offered;
  return first.filter((name) => !NEEDS_A_LOOK.test(name) && rest.every((names) => names.includes(name)));
}

const isMine = ({ roles: asked = [] }: Action, roles: readonly string[]): boolean =>
  asked.length === 0 || asked.some((role) => roles.includes(role));

/** Who may decide any of a group. */
export const decidersOf = ({ items }: Group): readonly string[] => [
  ...new Set(items.flatMap(({ actions = [] }) => actions.flatMap(({ roles = [] }) => roles))),
];
