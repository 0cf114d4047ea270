// Bound actions: posting a journal batch, with the commit inside that no rollback reaches.

import { refuse } from "../errors.ts";
import { postJournal } from "../tables/posting.ts";
import type { Transaction } from "../transaction.ts";
import type { Address } from "./address.ts";
import { shapeOf } from "./dialect.ts";
import { recordAt } from "./read.ts";
import { empty, type ODataRequest, type Reply } from "./reply.ts";
import { checkEtag } from "./write.ts";

/** POST to `…/Microsoft.NAV.<action>`; the ETag is checked only when the request carries one. */
export function runAction(
  transaction: Transaction,
  address: Extract<Address, { kind: "action" }>,
  request: ODataRequest,
): Reply {
  const { table, action } = address;
  if (!table.actions) return refuse("BadRequest_MethodNotImplemented", "noBoundActions");
  if (!table.actions.some((known) => known === action)) {
    return refuse("BadRequest_ResourceNotFound", "noSegment", `Microsoft.NAV.${action}`);
  }
  const row = recordAt(transaction.session, table, address.key);
  const ifMatch = request.header("if-match");
  if (ifMatch !== undefined) checkEtag(shapeOf(table, address.dialect), row, ifMatch);
  postJournal(transaction, row);
  return empty(204);
}
