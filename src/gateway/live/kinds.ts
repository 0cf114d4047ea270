// What kinds of things changed, told from the leaves that changes leave in the audit: nothing of what they say.

import type { StoredLeaf } from "#engine/audit";

/** Kinds of things that a page may show. */
export const kinds = ["flows", "journeys", "work", "dead-letters", "replays", "channels", "rules"] as const;
export type Kind = (typeof kinds)[number];

/** Looking is no change: a page that is told of its own look would look again for ever. */
const LOOKS = ["access.", "session.", "request.", "token."];

const byArea: Readonly<Record<string, readonly Kind[]>> = {
  work: ["work", "flows"],
  "work-group": ["work"],
  "dead-letter": ["dead-letters", "flows"],
  replay: ["replays", "dead-letters"],
  resubmission: ["dead-letters"],
  channel: ["channels", "flows"],
  rules: ["rules"],
};

/** The kinds that leaves tell a change of. */
export function kindsOf(leaves: Iterable<Pick<StoredLeaf, "name" | "outcome" | "journeyId">>): Set<Kind> {
  const found = new Set<Kind>();
  for (const { name, outcome, journeyId } of leaves) {
    if (LOOKS.some((look) => name.startsWith(look))) continue;
    for (const kind of byArea[name.split(".", 1)[0]!] ?? []) found.add(kind);
    // A failed attempt waits for another by itself; one that waits for a person is a dead letter.
    if (name === "attempted" && outcome === "waiting") found.add("dead-letters");
    if (journeyId === undefined) continue;
    found.add("journeys");
    found.add("flows");
  }
  return found;
}
