// One NAV company over OData: the API routes in use, and the company's id, found by its name once.

import type { CallContext } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import { isId } from "#kernel/ids";
import type { Exchange } from "./exchange.ts";
import { type ODataWire, odataWire } from "./odata-wire.ts";
import type { NavSettings } from "./settings.ts";

const pageSize = 100;

/** The company that all pages are read and written in. */
export type ODataCompany = {
  /** The hospital's own API pages. */
  readonly custom: ODataWire;
  /** The standard API v2.0. */
  readonly standard: ODataWire;
  /** The company's id: the configured one, else the one the ERP lists under the name. Only a found one is kept. */
  id(context: CallContext): Promise<string>;
  /** The path of something in the company, on either route. */
  at(context: CallContext, path: string): Promise<string>;
};

export function odataCompany(exchange: Exchange, settings: NavSettings): ODataCompany {
  const base = new URL(settings.baseUrl).pathname.replace(/\/$/, "");
  const custom = odataWire(exchange, `${base}/api/lockgate/integration/v1.0`);
  const standard = odataWire(exchange, `${base}/api/v2.0`);
  let known = settings.company.id;

  const lookUp = async (context: CallContext): Promise<string> => {
    for (let path: string | undefined = "companies"; path !== undefined; ) {
      const page = await standard.page(path, pageSize, context);
      const found = page.rows.find((row) => row.name === settings.company.name)?.id;
      if (typeof found === "string" && isId(found)) return found;
      path = page.next;
    }
    throw new LockgateError("ERP_UNSUPPORTED", { at: "company.name", reason: "NAV_NO_COMPANY" });
  };
  const id = async (context: CallContext): Promise<string> => {
    known ??= await lookUp(context);
    return known;
  };
  return { custom, standard, id, at: async (context, path) => `companies(${await id(context)})/${path}` };
}
