// The face of the NAV and Business Central connector.

export { type Nav, navPatients, openNav } from "./open-nav.ts";
export type { NavPatients, NavSupplies } from "./port.ts";
export { type NavSettings, navSettings } from "./settings.ts";
