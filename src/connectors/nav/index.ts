// The face of the NAV and Business Central connector.

export { navPatients } from "./nav-patients.ts";
export type { NavPatients } from "./port.ts";
export { type NavSettings, navSettings } from "./settings.ts";
