// The face of the connector to the Personal Demographics Service.

export { type PdsDemographics, pdsDemographics } from "./pds-demographics.ts";
export { type PdsSettings, pdsSettings } from "./settings.ts";
