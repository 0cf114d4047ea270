// Synthetic data a fresh double starts with: companies, patients, master data, number series. All invented.

import { createHash } from "node:crypto";
import { patientFrom, patientLines } from "./seed-patients.ts";
import { tableOfSet } from "./tables/catalogue.ts";
import { blankOf, type Value, type Values } from "./tables/fields.ts";

/** A company: writes name it by name (OData V4 web services, SOAP) or by id (API). */
export interface Company {
  id: string;
  name: string;
}

/** The companies, with fixed ids so that configurations can name them. */
export const companies: readonly Company[] = [
  { id: "11111111-aaaa-4bbb-8ccc-000000000001", name: "CRONUS UK Ltd." },
  { id: "11111111-aaaa-4bbb-8ccc-000000000002", name: "St Elsewhere's, Trust" },
];

const seededAt = "2024-01-15T09:00:00Z";

interface SeedRow {
  entitySet: string;
  id: string;
  values: Values;
}
interface SeedSeries {
  code: string;
  prefix: string;
  digits: number;
  lastUsed: number;
}

/** A full record of a table from some of its fields. */
export function fullValues(entitySet: string, id: string, some: Record<string, Value>): Values {
  const values: Values = { id };
  for (const field of tableOfSet(entitySet)!.fields) values[field.name] = some[field.name] ?? blankOf(field.type);
  return values;
}

/** The records and number series of one company. */
export function seedCompany(company: Company): { rows: SeedRow[]; series: SeedSeries[] } {
  const first = company === companies[0];
  const rows: SeedRow[] = [];
  const add = (entitySet: string, key: string, some: Record<string, Value>): string => {
    const id = seedId(company, entitySet, key);
    rows.push({ entitySet, id, values: fullValues(entitySet, id, { ...some, lastModifiedDateTime: seededAt }) });
    return id;
  };
  const patients = first ? patientLines : patientLines.slice(0, 2);
  for (const [index, line] of patients.entries()) {
    const patient = patientFrom(line, index + 1, first ? "RX1" : "EL1");
    add("patients", String(patient.number), patient);
  }
  seedMasterData(add);
  return {
    rows,
    series: [
      { code: "PAT", prefix: "PAT", digits: 5, lastUsed: patients.length },
      { code: "VEND", prefix: "V", digits: 5, lastUsed: 13 },
      { code: "CUST", prefix: "C", digits: 5, lastUsed: 10 },
      { code: "ITEM", prefix: "I", digits: 5, lastUsed: 17 },
      { code: "EMP", prefix: "E", digits: 5, lastUsed: 10 },
    ],
  };
}

/** An id that is the same in every run. */
function seedId(company: Company, entitySet: string, key: string): string {
  const hex = createHash("sha256").update(`${company.id}|${entitySet}|${key}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

type Add = (entitySet: string, key: string, some: Record<string, Value>) => string;

function seedMasterData(add: Add): void {
  const place = { city: "Port Ashby", country: "GB", postalCode: "ZZ2 3AB" };
  for (const [number, displayName, blocked] of [
    ["V00008", "Aldwych Surgical Supplies Ltd", " "],
    ["V00009", "Brae Linen Services", " "],
    ["V00010", "Corvid Diagnostics plc", "Payment"],
    ["V00011", "Dunmore Medical Ltd", "All"],
    ["V00012", "O'Farrell & Sons (Instruments)", " "],
    ["V00013", "Eastvale Infusion Care Ltd", " "],
  ] as const) {
    add("vendors", number, { number, displayName, blocked, addressLine1: "Unit 4, Dockside Park", ...place });
  }
  for (const [number, displayName] of [
    ["C00009", "Harrowgate Mills Council"],
    ["C00010", "Westmarch Private Health"],
  ] as const) {
    add("customers", number, { number, displayName, addressLine1: "1 Guildhall Square", ...place });
  }
  for (const [code, displayName] of [
    ["PCS", "Piece"],
    ["BOX", "Box"],
    ["PACK", "Pack"],
    ["CASE", "Case"],
    ["BOTTLE", "Bottle"],
    ["PAIR", "Pair"],
  ] as const) {
    add("unitsOfMeasure", code, { code, displayName });
  }
  for (const [code, displayName] of [
    ["CONSUM", "Clinical consumables"],
    ["LINEN", "Linen"],
    ["FLUIDS", "Infusion fluids"],
    ["DEVICES", "Small devices"],
  ] as const) {
    add("itemCategories", code, { code, displayName });
  }
  seedItems(add);
  for (const [number, displayName, category] of [
    ["1120", "Inventory", "Assets"],
    ["2910", "Bank, current account", "Assets"],
    ["5410", "Creditors control", "Liabilities"],
    ["7210", "Clinical supplies expense", "Expense"],
    ["8110", "Cleaning expense", "Expense"],
  ] as const) {
    add("accounts", number, { number, displayName, category, directPosting: true });
  }
  for (const [code, displayName] of [
    ["MAIN", "Main store"],
    ["WARD7", "Ward 7 store"],
    ["WARD9", "Ward 9 store"],
    ["THEATRES", "Theatres store"],
    ["ED", "Emergency Department store"],
  ] as const) {
    add("locations", code, { code, displayName, ...place });
  }
  const employee = { number: "E00010", displayName: "Beatrix Holloway", givenName: "Beatrix", surname: "Holloway" };
  add("employees", employee.number, { ...employee, jobTitle: "Stores lead", employmentDate: "2015-09-01" });
  const dimensionId = add("dimensions", "COSTCENTRE", { code: "COSTCENTRE", displayName: "Cost centre" });
  for (const [code, displayName] of [
    ["CC100", "Theatres"],
    ["CC200", "Pathology"],
  ] as const) {
    add("dimensionValues", code, { code, displayName, dimensionId });
  }
  add("journals", "DEFAULT", {
    code: "DEFAULT",
    displayName: "Default journal batch",
    templateDisplayName: "GENERAL",
  });
}

/** GTINs lie in the GS1 range for restricted circulation (prefix 2), with valid check digits. */
function seedItems(add: Add): void {
  for (const [number, displayName, gtin, itemCategoryCode, baseUnitOfMeasureCode, unitCost, blocked] of [
    ["I00008", "Nitrile gloves, medium, box of 100", "2000000000084", "CONSUM", "BOX", 4.25, false],
    ["I00009", "Saline 0.9% 500 ml", "2000000000091", "CONSUM", "BOX", 1.1, false],
    ["I00010", "Bed sheet, single", "2000000000107", "LINEN", "BOX", 6.8, false],
    ["I00011", "Syringe 10 ml, Luer lock, box of 100", "2000000000114", "CONSUM", "BOX", 7.95, false],
    ["I00012", "Thermometer, mercury", "2000000000121", "DEVICES", "PCS", 3.2, true],
    ["I00013", "Gauze swab 10 x 10 cm, sterile, pack of 5", "2000000000138", "CONSUM", "PACK", 0.38, false],
    ["I00014", "Glucose 5% 500 ml", "2000000000145", "FLUIDS", "BOTTLE", 1.35, false],
    ["I00015", "Surgical mask, type IIR, box of 50", "2000000000152", "CONSUM", "BOX", 2.6, false],
    ["I00016", "Nurse's fob watch", "2000000000169", "DEVICES", "PCS", 5.4, false],
    ["I00017", "Nitrile gloves, large, box of 100", "2000000000176", "CONSUM", "BOX", 4.25, false],
  ] as const) {
    const kind = { gtin, itemCategoryCode, baseUnitOfMeasureCode };
    add("items", number, { number, displayName, ...kind, unitCost, blocked, inventory: 120 });
  }
}
