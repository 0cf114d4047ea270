// Joins settings, wire and protocol to the patients of one NAV company.

import type { AlarmClock } from "#kernel/clock";
import { openExchange } from "./exchange.ts";
import { odataPatients } from "./odata-patients.ts";
import type { NavPatients } from "./port.ts";
import type { NavSettings } from "./settings.ts";
import { soapPatients } from "./soap-patients.ts";

/**
 * The patients of the NAV or Business Central company that the settings name. Connects at the first call.
 *
 * What NAV makes of values: `mrn`, `mrnAuthority`, `postcode`, `country` and `gpPracticeCode` are Code fields and come back
 * in upper case; `deceased` has no blank, so `null` is refused. NAV keeps local numbers unique in the whole table, not
 * by authority: the same number of another authority is refused with `ERP_DUPLICATE_KEY`.
 */
export function navPatients(settings: NavSettings, { clock }: { readonly clock: AlarmClock }): NavPatients {
  const exchange = openExchange(settings, clock);
  return settings.protocol === "soap" ? soapPatients(exchange, settings) : odataPatients(exchange, settings);
}
