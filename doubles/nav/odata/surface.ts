// The OData port as a surface: what its requests are about, for faults and limits.

import { NavRefusal } from "../errors.ts";
import { noFacts, type Surface, touchRow } from "../surface.ts";
import { readAddress } from "./address.ts";
import { parseQuery } from "./query.ts";
import { recordAt } from "./read.ts";
import { refusalReply } from "./reply.ts";
import { serveOData } from "./service.ts";

/** OData V4 web services, the standard API and the custom API. */
export const odataSurface: Surface = {
  name: "odata",
  facts: (request, companies, switches) => {
    const method = request.method === "PUT" ? "PATCH" : request.method;
    const facts = noFacts(method, "odata");
    try {
      const address = readAddress(request.path, parseQuery(request.search), companies, switches);
      if (address.kind === "batch") return { ...facts, entity: "$batch" };
      if (!("table" in address)) return facts;
      const { table, company } = address;
      const action = address.kind === "action" ? address.action : undefined;
      return { ...facts, entity: table.entitySet, company: company.name, action, caption: table.caption };
    } catch (error) {
      // A bad address is refused when the request is served; no fault is about it.
      if (error instanceof NavRefusal) return facts;
      throw error;
    }
  },
  serve: serveOData,
  refusal: refusalReply,
  touchTarget: (request, caller) => {
    try {
      const address = readAddress(request.path, parseQuery(request.search), caller.database.companies, caller.switches);
      if (address.kind !== "record" && address.kind !== "action") return;
      const session = { ...caller, company: address.company };
      touchRow(session, address.table, recordAt(session, address.table, address.key));
    } catch (error) {
      // What is not there cannot be touched; serving the request says so.
      if (!(error instanceof NavRefusal)) throw error;
    }
  },
};
