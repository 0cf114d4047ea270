// Master data tables of the standard API: vendors, customers, items, accounts, employees, locations and small lists.

import { refuse } from "../errors.ts";
import { code, option, plain, textField, type Values } from "./fields.ts";
import type { Table } from "./table.ts";

const all = { insert: true, modify: true, delete: true };
const none = { insert: false, modify: false, delete: false };
const readOnly = { readOnly: true } as const;
const modified = plain("lastModifiedDateTime", "Last Modified Date Time", "dateTime", readOnly);

const address = [
  textField("addressLine1", "Address", 100),
  textField("addressLine2", "Address 2", 50),
  textField("city", "City", 30),
  textField("state", "County", 30),
  code("country", "Country/Region Code", 10),
  code("postalCode", "Post Code", 20),
];
const reach = [textField("phoneNumber", "Phone No.", 30), textField("email", "E-Mail", 80)];

function nameNeeded(values: Values): void {
  if (values.displayName === "") refuse("Application_DialogException", "displayNameNeeded");
}
function nameKept(values: Values): void {
  if (values.displayName === "") refuse("Application_DialogException", "displayNameBlank");
}
const named = { onInsert: nameNeeded, onModify: nameKept };

const vendors: Table = {
  number: 23,
  caption: "Vendor",
  entityName: "vendor",
  entitySet: "vendors",
  service: "Vendors",
  route: "standard",
  key: "number",
  unique: [],
  series: { code: "VEND", manual: true },
  allows: all,
  ...named,
  fields: [
    code("number", "No.", 20),
    textField("displayName", "Name", 100),
    ...address,
    ...reach,
    textField("website", "Home Page", 255),
    textField("taxRegistrationNumber", "VAT Registration No.", 50),
    code("currencyCode", "Currency Code", 10),
    plain("taxLiable", "Tax Liable", "boolean"),
    option("blocked", "Blocked", [" ", "Payment", "All"]),
    plain("balance", "Balance (LCY)", "decimal", readOnly),
    modified,
  ],
};

const customers: Table = {
  number: 18,
  caption: "Customer",
  entityName: "customer",
  entitySet: "customers",
  service: "Customers",
  route: "standard",
  key: "number",
  unique: [],
  series: { code: "CUST", manual: true },
  allows: all,
  ...named,
  fields: [
    code("number", "No.", 20),
    textField("displayName", "Name", 100),
    option("type", "Contact Type", ["Company", "Person"]),
    ...address,
    ...reach,
    textField("website", "Home Page", 255),
    plain("balanceDue", "Balance Due (LCY)", "decimal", readOnly),
    plain("creditLimit", "Credit Limit (LCY)", "decimal"),
    textField("taxRegistrationNumber", "VAT Registration No.", 50),
    code("currencyCode", "Currency Code", 10),
    option("blocked", "Blocked", [" ", "Ship", "Invoice", "All"]),
    modified,
  ],
};

const items: Table = {
  number: 27,
  caption: "Item",
  entityName: "item",
  entitySet: "items",
  service: "Items",
  route: "standard",
  key: "number",
  unique: [],
  indexed: ["gtin"],
  series: { code: "ITEM", manual: true },
  allows: all,
  fields: [
    code("number", "No.", 20),
    textField("displayName", "Description", 100),
    textField("displayName2", "Description 2", 50),
    option("type", "Type", ["Inventory", "Service", "Non-Inventory"]),
    code("itemCategoryCode", "Item Category Code", 20, { relation: { entitySet: "itemCategories", field: "code" } }),
    plain("blocked", "Blocked", "boolean"),
    code("gtin", "GTIN", 14),
    plain("inventory", "Inventory", "decimal", readOnly),
    plain("unitPrice", "Unit Price", "decimal"),
    plain("priceIncludesTax", "Price Includes VAT", "boolean"),
    plain("unitCost", "Unit Cost", "decimal"),
    code("taxGroupCode", "Tax Group Code", 20),
    code("baseUnitOfMeasureCode", "Base Unit of Measure", 10, {
      relation: { entitySet: "unitsOfMeasure", field: "code" },
    }),
    code("generalProductPostingGroupCode", "Gen. Prod. Posting Group", 20),
    code("inventoryPostingGroupCode", "Inventory Posting Group", 20),
    modified,
  ],
};

const accounts: Table = {
  number: 15,
  caption: "G/L Account",
  entityName: "account",
  entitySet: "accounts",
  route: "standard",
  key: "number",
  unique: [],
  allows: none,
  fields: [
    code("number", "No.", 20),
    textField("displayName", "Name", 100),
    option("category", "Account Category", [
      " ",
      "Assets",
      "Liabilities",
      "Equity",
      "Income",
      "Cost of Goods Sold",
      "Expense",
    ]),
    plain("blocked", "Blocked", "boolean"),
    option("accountType", "Account Type", ["Posting", "Heading", "Total", "Begin-Total", "End-Total"]),
    plain("directPosting", "Direct Posting", "boolean"),
    modified,
  ],
};

const employees: Table = {
  number: 5200,
  caption: "Employee",
  entityName: "employee",
  entitySet: "employees",
  service: "Employees",
  route: "standard",
  key: "number",
  unique: [],
  series: { code: "EMP", manual: true },
  allows: all,
  fields: [
    code("number", "No.", 20),
    textField("displayName", "Full Name", 100, readOnly),
    textField("givenName", "First Name", 30),
    textField("middleName", "Middle Name", 30),
    textField("surname", "Last Name", 30),
    textField("jobTitle", "Job Title", 30),
    ...address,
    ...reach,
    plain("employmentDate", "Employment Date", "date"),
    plain("terminationDate", "Termination Date", "date"),
    option("status", "Status", ["Active", "Inactive", "Terminated"]),
    modified,
  ],
  onInsert: (values) => {
    values.displayName = fullName(values);
  },
  onModify: (values) => {
    values.displayName = fullName(values);
  },
};

const fullName = (values: Values): string =>
  [values.givenName, values.middleName, values.surname].filter((part) => part !== "").join(" ");

/** A small code table: code, name, and what else is given. */
function list(number: number, caption: string, entityName: string, entitySet: string, max: number): Table {
  const fields = [code("code", "Code", max), textField("displayName", "Description", 100), modified];
  return { number, caption, entityName, entitySet, route: "standard", key: "code", unique: [], allows: all, fields };
}

const locations: Table = {
  ...list(14, "Location", "location", "locations", 10),
  service: "Locations",
  fields: [
    code("code", "Code", 10),
    textField("displayName", "Name", 100),
    textField("contact", "Contact", 100),
    ...address,
    ...reach,
    modified,
  ],
};

/** Dimensions and their values are read-only in the standard API. */
const dimensions: Table = {
  ...list(348, "Dimension", "dimension", "dimensions", 20),
  allows: none,
  parts: ["dimensionValues"],
};

const dimensionValues: Table = {
  number: 349,
  caption: "Dimension Value",
  entityName: "dimensionValue",
  entitySet: "dimensionValues",
  route: "standard",
  key: "code",
  unique: [],
  indexed: ["dimensionId"],
  allows: none,
  parent: { entitySet: "dimensions", field: "dimensionId" },
  fields: [
    code("code", "Code", 20),
    plain("dimensionId", "Dimension ID", "guid", readOnly),
    textField("displayName", "Name", 50),
    plain("blocked", "Blocked", "boolean"),
    modified,
  ],
};

/** Every master data table of the standard API. */
export const masterTables: readonly Table[] = [
  vendors,
  customers,
  items,
  accounts,
  employees,
  locations,
  dimensions,
  dimensionValues,
  list(204, "Unit of Measure", "unitOfMeasure", "unitsOfMeasure", 10),
  list(5722, "Item Category", "itemCategory", "itemCategories", 20),
];
