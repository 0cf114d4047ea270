// The events of links: others can follow who was joined with whom, and parted. Ids and codes only.

import type { NewMessage } from "#engine/backbone";
import type { AnyContext } from "#engine/sagas";
import { PART } from "../leaves.ts";
import type { Link } from "./store.ts";

/** What a message on `person.linked` or `person.unlinked` says, as JSON; the session is `personId`. */
export type LinkTold = {
  /** Of `person.unlinked`: the link that was taken back. */
  readonly linkId: string;
  /** `matched`: identifiers that nobody knew were taken for the person's. */
  readonly kind: "merged" | "superseded" | "matched";
  readonly personId: string;
  /** Who lives on as `personId`; of `person.unlinked` who goes by itself again. */
  readonly otherId?: string;
  /** Names of those who decided it; none where nobody was asked. */
  readonly by: readonly string[];
  readonly code?: string;
  /** ISO instant. */
  readonly at: string;
};

type From = Pick<AnyContext["instance"], "journeyId" | "traceparent" | "position">;
type Told = Pick<Link, "id" | "personId" | "otherId" | "by" | "code"> & { readonly kind: Link["kind"] };

const told = (topic: string, from: From, { id, kind, personId, otherId, by, code }: Told, at: number): NewMessage => ({
  topic,
  session: personId,
  journeyId: from.journeyId,
  body: Buffer.from(
    JSON.stringify({
      linkId: id,
      kind: kind as LinkTold["kind"],
      personId,
      ...(otherId === null ? {} : { otherId }),
      by,
      ...(code === null ? {} : { code }),
      at: new Date(at).toISOString(),
    } satisfies LinkTold),
  ),
  contentType: `application/vnd.lockgate.${topic.replace(".", "-")}+json`,
  source: PART,
  causationId: String(from.position),
  traceparent: from.traceparent,
});

/** Tells that persons, or numbers of one, were joined; in the commit that joins them. */
export const personLinked = (from: From, link: Told, at: number): NewMessage => told("person.linked", from, link, at);

/** Tells that a link was taken back, by whom and why; in the commit that does it. `link` is the one taken back. */
export const personUnlinked = (
  from: From,
  link: Told,
  { by, code, at }: { readonly by: readonly string[]; readonly code: string; readonly at: number },
): NewMessage => told("person.unlinked", from, { ...link, by, code }, at);
