// Preconditions of writes (RFC 9110 §13): a change is made only to the state that whoever asks has seen.

import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { LockgateError } from "#kernel/errors";

/** `"opaque"`, weak ones with `W/` before them (RFC 9110 §8.8.3). */
const TAG = /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/**
 * The entity tag of a state: of the whole state, not of what one reader may see of it, so that two readers of different
 * rights can tell that they saw the same. Strong: what does not differ in the tag does not differ.
 */
export const tagOf = (...state: readonly unknown[]): string =>
  `"${createHash("sha256").update(JSON.stringify(state)).digest("base64url").slice(0, 27)}"`;

/** Sends the tag along with the answer. */
export function tell(reply: FastifyReply, tag: string): void {
  reply.header("etag", tag);
}

/** Whether a request says for which state it is meant. */
export const hasPrecondition = ({ headers }: FastifyRequest): boolean =>
  headers["if-match"] !== undefined || headers["if-none-match"] !== undefined;

/**
 * Refuses a write that is meant for another state than `current`, or, where `isRequired`, that does not say for which.
 * `current` undefined: there is nothing yet. @returns whether the request named the state
 * @throws PRECONDITION_FAILED, PRECONDITION_REQUIRED; REQUEST_INVALID for what is no list of entity tags
 */
export function requireMatch(
  { headers }: FastifyRequest,
  current: string | undefined,
  { isRequired = false }: { readonly isRequired?: boolean } = {},
): boolean {
  const { "if-match": wanted, "if-none-match": unwanted } = headers;
  if (wanted === undefined && unwanted === "*") {
    if (current !== undefined) throw new LockgateError("PRECONDITION_FAILED");
    return true;
  }
  if (wanted === undefined) {
    if (isRequired) throw new LockgateError("PRECONDITION_REQUIRED");
    return false;
  }
  if (current === undefined || !namesTag(wanted, current)) throw new LockgateError("PRECONDITION_FAILED");
  return true;
}

/** Whether a list of tags holds this one; a weak tag is like no other (strong comparison, RFC 9110 §8.8.3.2). */
function namesTag(list: string, current: string): boolean {
  if (list.trim() === "*") return true;
  const tags = list.split(",").map((one) => one.trim());
  if (!tags.every((one) => TAG.test(one))) throw new LockgateError("REQUEST_INVALID", { at: "if-match" });
  return tags.includes(current);
}
