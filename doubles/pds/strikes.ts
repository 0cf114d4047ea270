// Faults as they strike one call: before the service has done anything, and after it has.

import { setTimeout as delay } from "node:timers/promises";
import type { Fault, FaultKind } from "./faults.ts";
import { freeTestNumber } from "./nhs-number.ts";
import { TokenRefusal } from "./oauth/assertion.ts";
import type { Tokens } from "./oauth/tokens.ts";
import { type OutcomeCode, outcomeReply, PdsRefusal, type Reply } from "./outcome.ts";
import type { Register } from "./register.ts";
import { identifierOf } from "./short-form.ts";

/** What goes back to the caller: an answer, a cut connection, or an answer cut short. */
export type Outcome = Reply | "drop" | { cutBody: Reply };

/** What faults work on. */
interface StruckDesk {
  register: Register;
  tokens: Tokens;
}

const plainRefusals: Partial<Record<FaultKind, OutcomeCode>> = {
  throttle: "TOO_MANY_REQUESTS",
  unavailable: "SERVICE_UNAVAILABLE",
  unableToCall: "UNABLE_TO_CALL_SERVICE",
  tokenExpired: "ACCESS_DENIED",
};

/** Faults that strike first; a refusal is thrown, an outcome ends the call, undefined lets it go on. */
export async function strikeBefore(
  desk: StruckDesk,
  fired: readonly Fault[],
  nhsNumber: string,
  authorization: string | undefined,
): Promise<Outcome | undefined> {
  for (const fault of fired) {
    const { kind } = fault;
    if (fault.delayMs > 0) await delay(fault.delayMs);
    if (kind === "dropBeforeCommit") return "drop";
    if (kind === "html") return gatewayPage(fault);
    if (kind === "outcome200") return outcomeReply(new PdsRefusal("UNABLE_TO_CALL_SERVICE", { status: 200 }));
    if (kind === "tokenRefused") throw new TokenRefusal(401, "invalid_client", "Client authentication failed");
    if (kind === "tokenExpired") desk.tokens.expire(authorization);
    if (kind === "conflict" || kind === "superseded" || kind === "invalidated") meddle(desk.register, fault, nhsNumber);
    const code = plainRefusals[kind];
    if (code) throw new PdsRefusal(code, { headers: retryAfterOf(fault) });
  }
  return undefined;
}

/** Faults that strike when all is done. */
export function strikeAfter(fired: readonly Fault[], reply: Reply): Outcome {
  const fault = fired.find(({ kind }) => kind === "commitThen503");
  if (fault && reply.status === 200)
    return outcomeReply(new PdsRefusal("SERVICE_UNAVAILABLE", { headers: retryAfterOf(fault) }));
  if (fired.some(({ kind }) => kind === "dropAfterCommit")) return "drop";
  return fired.some(({ kind }) => kind === "truncatedBody") ? { cutBody: reply } : reply;
}

function retryAfterOf({ kind, retryAfterSeconds }: Fault): Record<string, string> {
  const is503 = kind === "unavailable" || kind === "commitThen503";
  const seconds = retryAfterSeconds ?? (is503 ? 1 : undefined);
  return seconds === undefined ? {} : { "retry-after": String(seconds) };
}

/** What another user, or the national back office, does to the record just before. */
function meddle(register: Register, { kind, to }: Fault, nhsNumber: string): void {
  const person = register.find(nhsNumber);
  if (!person || person.supersededBy) return;
  if (kind === "conflict") register.put(person.patient);
  else if (kind === "invalidated") register.invalidate(nhsNumber);
  else if (to !== undefined) register.supersede(nhsNumber, to);
  else {
    const id = freeTestNumber(900_000, (taken) => register.find(taken) !== undefined);
    register.put({ ...person.patient, id, identifier: identifierOf(id) });
    register.supersede(nhsNumber, id);
  }
}

/** The page of a gateway in front of the service, which speaks no FHIR. */
function gatewayPage({ status }: Fault): Reply {
  const body = `<html>\r\n<head><title>${status} Bad Gateway</title></head>\r\n<body><center><h1>${status} Bad Gateway</h1></center></body>\r\n</html>\r\n`;
  return { status, headers: { "content-type": "text/html" }, body };
}
