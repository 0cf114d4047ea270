// Demographics: knows persons, and turns what is said of them into changes in the ERP.

export { type DemographicsOptions, openDemographics } from "./demographics.ts";
