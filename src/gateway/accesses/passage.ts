// What is remembered of a request on its way through: what the policies said of it, what was seen, how it ended.

import type { FastifyRequest } from "fastify";
import type { Action, Resource } from "../policy/actions.ts";
import type { Asker, Circumstances, Decision } from "../policy/types.ts";

/** What kind of access it was, as its leaf is named. */
export type AccessKind = "read" | "searched" | "exported" | "changed";

/** What the policies were asked for a request, and what they said. */
export type Asked = {
  readonly principal: Asker;
  readonly action: Action;
  readonly resource: Resource;
  readonly context: Circumstances;
  readonly decision: Decision;
  /** The journey that a refusal belongs to. */
  readonly journeyId?: string | undefined;
};

/** A question to the policies; `isAsked`: whoever asks was let in by it, or refused. */
export type Weighed = Pick<Asked, "action" | "resource" | "decision" | "journeyId"> & { readonly isAsked: boolean };

/** What a handler says of its answer. */
export type Touched = {
  /** Where it differs from what the action is by its name. */
  readonly kind?: AccessKind;
  /** What was seen, `type/id`: ids of ours, never a value. */
  readonly about?: readonly string[];
  /** How many were found. */
  readonly found?: number;
  /** The journey whose record the access belongs to. */
  readonly journeyId?: string;
};

/** One request as far as it is to be recorded. */
export type Passage = {
  /** The decision that weighs most: a refusal, else one that is to be looked at later, else the last. */
  asked?: Asked;
  /** Everything that was to be done. */
  readonly actions: Set<Action>;
  /** Everything that the policies were asked, in order. */
  readonly weighed: Weighed[];
  touched: Touched;
  /** Its access is on record, or on the way there. */
  isRecorded?: boolean;
  /** Once it was asked for: `routeOf`. */
  route?: string;
  /** Who asks could not be told, or not for sure. */
  isTurnedAway?: boolean;
  /** The code of the problem it was answered with, and its cause in one word. */
  problem?: { readonly code: string; readonly reason: string | undefined };
};

declare module "fastify" {
  interface FastifyRequest {
    /** Null until something is to be remembered: `passageOf`. */
    passage: Passage | null;
  }
}

/** The passage of a request. */
export function passageOf(request: FastifyRequest): Passage {
  request.passage ??= { touched: {}, actions: new Set(), weighed: [] };
  return request.passage;
}

/** The route of a request as it is registered: its template, never the path that was asked for. */
export function routeOf(request: FastifyRequest): string {
  const passage = passageOf(request);
  // Fastify puts all that it knows of a route together each time that it is asked.
  passage.route ??= request.routeOptions.url ?? "unknown";
  return passage.route;
}

/** Remembers a decision. */
export function decided(request: FastifyRequest, asked: Asked): void {
  const passage = passageOf(request);
  passage.actions.add(asked.action);
  weighed(request, { ...asked, isAsked: true });
  if (passage.asked === undefined || weightOf(asked) >= weightOf(passage.asked)) passage.asked = asked;
}

/** Remembers a question whatever came of it. */
export function weighed(request: FastifyRequest, { action, resource, decision, journeyId, isAsked }: Weighed): void {
  passageOf(request).weighed.push({ action, resource, decision, journeyId, isAsked });
}

const weightOf = (asked: Asked): number => (asked.decision.allowed ? (isForReview(asked) ? 1 : 0) : 2);

/** Whether somebody must look later at what was done by breaking the glass. */
export const isForReview = ({ decision, context }: Asked): boolean =>
  decision.allowed && context.purpose === "break-glass" && decision.obligations.includes("later-review");

/** Remembers that a request got no further than to the question who asks. */
export function turnedAway(request: FastifyRequest): void {
  passageOf(request).isTurnedAway = true;
}

/** Says what an answer holds; what was said before stays unless it is said anew, and what was seen adds up. */
export function touched(request: FastifyRequest, said: Touched): void {
  const passage = passageOf(request);
  const about = [...(passage.touched.about ?? []), ...(said.about ?? [])];
  passage.touched = { ...passage.touched, ...said, about };
}

/** Remembers how a request failed: a code and a word, never a value. */
export function failed(request: FastifyRequest, code: string, reason: string | undefined): void {
  passageOf(request).problem = { code, reason };
}
