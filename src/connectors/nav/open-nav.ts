// Joins settings, wire and protocol to what Lockgate works on in one NAV company: its patients and its requisitions.

import type { AlarmClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import { openExchange } from "./exchange.ts";
import { odataCompany } from "./odata-company.ts";
import { odataPatients } from "./odata-patients.ts";
import { odataSupplies } from "./odata-supplies.ts";
import type { NavPatients, NavSupplies } from "./port.ts";
import type { NavSettings } from "./settings.ts";
import { soapPatients } from "./soap-patients.ts";

type Given = { readonly clock: AlarmClock };

/** One NAV or Business Central company; both parts share the connections that the settings allow. */
export type Nav = {
  /**
   * What NAV makes of values: `mrn`, `mrnAuthority`, `postcode`, `country` and `gpPracticeCode` are Code fields and come back
   * in upper case; `deceased` has no blank, so `null` is refused. NAV keeps local numbers unique in the whole table, not
   * by authority: the same number of another authority is refused with `ERP_DUPLICATE_KEY`.
   */
  readonly patients: NavPatients;
  /**
   * Named `<name>-supplies`. All codes come back in upper case. A supplier that is blocked for payments only is not blocked
   * here. `search` may show a list as it was up to 15 seconds ago. Over SOAP every call is refused with `ERP_UNSUPPORTED`.
   */
  readonly supplies: NavSupplies;
  /** Lets the calls in hand end; later ones reject with `ERP_UNAVAILABLE`. */
  close(): Promise<void>;
};

/** The company that the settings name. Connects at the first call. */
export function openNav(settings: NavSettings, { clock }: Given): Nav {
  const exchange = openExchange(settings, clock);
  const close = (): Promise<void> => exchange.close();
  const suppliesName = `${settings.name}-supplies`;
  if (settings.protocol === "soap") {
    return {
      patients: { ...soapPatients(exchange, settings), close },
      supplies: { ...noSupplies(suppliesName), close },
      close,
    };
  }
  const companyFor = (name: string) => odataCompany(exchange.countedAs(name), settings);
  return {
    patients: { ...odataPatients(companyFor(settings.name), settings.name), close },
    supplies: { ...odataSupplies(companyFor(suppliesName), suppliesName, clock), close },
    close,
  };
}

/** The patients of a company of which nothing else is wanted. */
export const navPatients = (settings: NavSettings, given: Given): NavPatients => openNav(settings, given).patients;

/** NAV's SOAP pages for the worksheet and its lists are not spoken. */
function noSupplies(name: string): Omit<NavSupplies, "close"> {
  const refuse = (): Promise<never> =>
    Promise.reject(new LockgateError("ERP_UNSUPPORTED", { at: "protocol", reason: "NAV_NO_SOAP" }));
  return {
    name,
    read: refuse,
    findByIdempotencyKey: refuse,
    create: refuse,
    update: refuse,
    entry: refuse,
    search: refuse,
    probe: refuse,
  };
}
