// What the two ports have in common: each tells what a request is about, serves it, and words its refusals.

import type { NavRefusal } from "./errors.ts";
import type { RequestFacts } from "./faults.ts";
import type { Language } from "./language.ts";
import type { ODataRequest, Reply } from "./odata/reply.ts";
import type { Caller } from "./odata/service.ts";
import type { Company } from "./seed.ts";
import type { Switches } from "./settings.ts";
import type { Row, Table } from "./tables/table.ts";
import { inTransaction, type Session } from "./transaction.ts";

/** A request of either port. */
export type SurfaceRequest = ODataRequest;

/** What one port knows about its requests. */
export interface Surface {
  name: "odata" | "soap";
  /** What faults match on, and the caption of the table for lock messages; never throws. */
  facts(request: SurfaceRequest, companies: readonly Company[], switches: Switches): RequestFacts & { caption: string };
  serve(caller: Caller, request: SurfaceRequest): Reply;
  refusal(refusal: NavRefusal, language: Language, switches: Switches): Reply;
  /** Another user writes the record this request is about, changing nothing but its version. */
  touchTarget(request: SurfaceRequest, caller: Caller): void;
}

/** Facts of a request that is about no record. */
export const noFacts = (method: string, surface: Surface["name"]): ReturnType<Surface["facts"]> => ({
  method,
  surface,
  entity: "",
  action: undefined,
  company: "",
  caption: "Record",
});

/** Writes a record as another user would, so that every ETag and Key handed out for it is stale. */
export function touchRow(session: Session, table: Table, row: Row): void {
  inTransaction(session, (transaction) => transaction.touch(table.entitySet, row.id));
}
