// Faults as they strike one request: before the ERP works, in what its reads see, and after the work is done.

import { setTimeout as delay } from "node:timers/promises";
import type { ReplicaLag } from "./database.ts";
import { NavRefusal } from "./errors.ts";
import type { Fault, FaultKind } from "./faults.ts";
import type { Reply } from "./odata/reply.ts";
import { htmlReply, type Restart } from "./outage.ts";
import type { Switches } from "./settings.ts";

/** What goes back to the caller: a reply, a cut connection, or a reply cut in half. */
export type Outcome = Reply | "drop" | { cutBody: Reply };

/** Words a refusal as the surface at hand does. */
export type Refuse = (refusal: NavRefusal, headers?: Record<string, string>) => Reply;

/** Faults that strike before the ERP works; the first one with an answer wins, delays add up. */
export async function strikeBefore(
  desk: { restart: Restart; switches: Switches },
  fired: readonly Fault[],
  touchTarget: () => void,
  refuse: Refuse,
  caption: string,
): Promise<Outcome | undefined> {
  for (const fault of fired) {
    if (fault.ms > 0 && fault.kind !== "commitThenSlow") await delay(fault.ms);
    const retryAfter =
      fault.retryAfterSeconds === undefined ? undefined : { "retry-after": String(fault.retryAfterSeconds) };
    switch (fault.kind) {
      case "throttle":
        return refuse(new NavRefusal("Unknown", "tooManyRequests", [101, 100], 429), retryAfter);
      case "unavailable":
        return refuse(new NavRefusal("Unknown", "unavailable", [], 503), retryAfter ?? { "retry-after": "1" });
      case "html":
        return htmlReply(fault.status ?? 502, retryAfter);
      case "unauthorized":
        return refuse(new NavRefusal("Authentication_InvalidCredentials", "credentials", []), {
          "www-authenticate": 'Basic realm=""',
        });
      case "restart":
        desk.restart.begin(fault.durationMs);
        return "drop";
      case "dropBeforeCommit":
        return "drop";
      case "lock":
      case "deadlock": {
        const text = fault.kind === "lock" ? "locked" : "deadlock";
        return refuse(new NavRefusal("Internal_ServerError", text, [caption], desk.switches.lockStatus));
      }
      case "callbackNotAllowed":
        return refuse(new NavRefusal("Application_CallbackNotAllowed", "callback", ["web services"]));
      case "staleEtag":
        touchTarget();
    }
  }
  return undefined;
}

/** Faults that strike when the work is done. */
export async function strikeAfter(fired: readonly Fault[], reply: Reply, refuse: Refuse): Promise<Outcome> {
  const has = (kind: FaultKind): Fault | undefined => fired.find((fault) => fault.kind === kind);
  const late = has("commitThenSlow");
  if (late) await delay(late.ms);
  if (has("commitThenDrop")) return "drop";
  const failing = has("commitThenError");
  if (failing) {
    const status = failing.status ?? 500;
    return status === 504 ? htmlReply(504) : refuse(new NavRefusal("Internal_ServerError", "afterCommit", [], status));
  }
  return has("truncatedBody") && reply.body !== undefined ? { cutBody: reply } : reply;
}

/** How far reads fall behind what this request commits. */
export function lagOf(fired: readonly Fault[]): ReplicaLag | undefined {
  const inserts = fired.find((fault) => fault.kind === "notFoundAfterWrite");
  const modifications = fired.find((fault) => fault.kind === "staleRead");
  if (!inserts && !modifications) return undefined;
  const durationMs = Math.max(inserts?.durationMs ?? 0, modifications?.durationMs ?? 0);
  return { inserts: inserts !== undefined, modifications: modifications !== undefined, durationMs };
}
