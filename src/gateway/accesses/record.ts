// The record of accesses: no answer is sent before it is durable who was let see what, or was refused.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { appendAccesses, type Leaf, type NewAccess } from "#engine/audit";
import type { Clock } from "#kernel/clock";
import { commitTogether } from "#kernel/commit-together";
import type { Db, Tx } from "#kernel/db";
import { isId, newId } from "#kernel/ids";
import { type AccessKind, type Asked, isForReview, type Passage, passageOf, routeOf } from "./passage.ts";

/** Ids in one leaf; a leaf holds at most 65,535 bytes. */
const MOST_ABOUT = 1_000;

/** An access that somebody must look at later. */
export type ForReview = { readonly access: NewAccess; readonly asked: Asked };

export type AccessRecordOptions = {
  readonly db: Db;
  readonly clock: Clock;
  /** Has an access looked at later, in the commit that records it. */
  readonly review: (tx: Tx, item: ForReview) => Promise<void>;
};

/** Records each request of `server` that somebody was let or refused to make, once, before it is answered. */
export function recordAccesses(server: FastifyInstance, options: AccessRecordOptions): void {
  const record = openRecord(options);
  server.decorateRequest("passage", null);
  server.addHook("onSend", (request, reply, _payload, done) => {
    const passage = passageOf(request);
    // An answer that says that the record failed comes this way again.
    if (passage.isRecorded || !isOnRecord(passage, reply)) return done();
    passage.isRecorded = true;
    const access = accessOf(request, passage, isReplay(reply), new Date(options.clock.now()));
    return record({ access, asked: passage.asked });
  });
}

/**
 * Does a write whose commit keeps the record of its access as well. A write that fails, and one that somebody must look at
 * later, is recorded like every other request: before it is answered.
 */
export async function onRecord<T>(
  request: FastifyRequest,
  clock: Clock,
  write: (access: NewAccess | undefined) => Promise<T>,
): Promise<T> {
  const passage = passageOf(request);
  const isPlain = passage.asked !== undefined && !isForReview(passage.asked);
  const result = await write(isPlain ? accessOf(request, passage, false, new Date(clock.now())) : undefined);
  passage.isRecorded = isPlain;
  return result;
}

const isReplay = (reply: FastifyReply): boolean => reply.hasHeader("idempotency-replayed");

const isOnRecord = ({ asked, isTurnedAway }: Passage, reply: FastifyReply): boolean =>
  asked !== undefined || isReplay(reply) || isTurnedAway === true;

/** An access to write, with what the policies were asked. */
type Job = { readonly access: NewAccess; readonly asked: Asked | undefined };

const openRecord = ({ db, review }: AccessRecordOptions) =>
  commitTogether((jobs: readonly Job[]) =>
    db.transaction(async (tx) => {
      void appendAccesses(
        tx,
        jobs.map(({ access }) => access),
      );
      for (const { access, asked } of jobs) if (asked && isForReview(asked)) await review(tx, { access, asked });
      return jobs.map(() => undefined);
    }),
  );

/** What kind of access an action is by its name, where the handler says nothing else. */
function kindOf(action: string): AccessKind {
  const verb = action.slice(action.lastIndexOf(".") + 1);
  if (["list", "search", "match"].includes(verb)) return "searched";
  if (action === "export.run") return "exported";
  return ["read", "show", "reveal", "prove", "follow", "explain"].includes(verb) ? "read" : "changed";
}

/** The resource that the path names, where its name is an id of ours, and the journey it belongs to. */
function namedByPath({ params }: FastifyRequest, { resource, journeyId }: Asked): string[] {
  const { id } = (params ?? {}) as { readonly id?: unknown };
  return [
    ...(typeof id === "string" && isId(id) ? [`${resource.type}/${id.toLowerCase()}`] : []),
    ...(journeyId === undefined ? [] : [`journey/${journeyId}`]),
  ];
}

function accessOf(request: FastifyRequest, passage: Passage, isAgain: boolean, at: Date): NewAccess {
  const { asked, touched, problem } = passage;
  const id = newId();
  const isRefused = passage.isTurnedAway === true || asked?.decision.allowed === false;
  const named = asked ? namedByPath(request, asked) : [];
  const about = isRefused ? named : [...new Set([...named, ...(touched.about ?? [])])];
  const kind = touched.kind ?? (asked ? kindOf(asked.action) : "read");
  const principal = request.principal as FastifyRequest["principal"] | null;
  const actor = asked?.principal.id ?? principal?.id;
  const code = asked?.decision.allowed === false ? asked.decision.refusal : problem?.code;
  const journeyId = isRefused ? asked?.journeyId : touched.journeyId;
  const leaf: Leaf = {
    at,
    part: "gateway",
    name: isRefused ? "access.refused" : isAgain ? "access.replayed" : `access.${kind}`,
    outcome: isRefused ? "refused" : problem ? "failed" : "ok",
    journeyId,
    actor,
    code,
    detail: detailOf(request, passage, id, about),
  };
  const { purpose, reason } = asked?.context ?? {};
  return { id, leaf, purpose, reason: reason && wordsOf(reason), about: about.slice(0, MOST_ABOUT) };
}

/** A header's bytes are UTF-8 where they can be (RFC 9110 §5.5 leaves it to the recipient). */
function wordsOf(header: string): string {
  const text = Buffer.from(header, "latin1").toString("utf8");
  return text.includes("\uFFFD") ? header : text;
}

/** Who in which role, from where, by which policies: what an auditor asks next. In the order of canonical JSON, as leaves are written. */
function detailOf(
  request: FastifyRequest,
  { asked, actions, touched, problem }: Passage,
  id: string,
  about: readonly string[],
): Leaf["detail"] {
  const principal = request.principal as FastifyRequest["principal"] | null;
  return {
    about: about.length > 0 ? about.slice(0, MOST_ABOUT).join(" ") : undefined,
    action: asked && [...actions].join(" "),
    address: request.ip,
    client: principal?.client,
    found: touched.found,
    id,
    kind: asked?.principal.kind,
    policies: asked?.decision.reasons.join(" ") || undefined,
    purpose: asked?.context.purpose,
    reason: problem?.reason || undefined,
    roles: asked?.principal.roles.join(" "),
    route: `${request.method} ${routeOf(request)}`,
    // So many more were seen than the leaf has room for.
    unnamed: about.length > MOST_ABOUT ? about.length - MOST_ABOUT : undefined,
  };
}
