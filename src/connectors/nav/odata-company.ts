// Finds the id of a company by its name, once.

import type { CallContext } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import { isId } from "#kernel/ids";
import type { ODataWire } from "./odata-wire.ts";

const pageSize = 100;

/** The id of the company: the configured one, else the one the ERP lists under the name. Only a found one is kept. */
export function navCompany(
  wire: ODataWire,
  company: { readonly id?: string | undefined; readonly name: string },
): (context: CallContext) => Promise<string> {
  let id = company.id;

  const lookUp = async (context: CallContext): Promise<string> => {
    for (let path: string | undefined = "companies"; path !== undefined; ) {
      const page = await wire.page(path, pageSize, context);
      const found = page.rows.find((row) => row.name === company.name)?.id;
      if (typeof found === "string" && isId(found)) return found;
      path = page.next;
    }
    throw new LockgateError("ERP_UNSUPPORTED", { at: "company.name", reason: "NAV_NO_COMPANY" });
  };

  return async (context) => {
    id ??= await lookUp(context);
    return id;
  };
}
