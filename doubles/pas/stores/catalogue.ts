// What wards order, in the codes of the stock system, and who supplies it; all invented.

/** A code with the stock system's words for it. */
export type Coded = { readonly code: string; readonly text: string };

/** Something on the shelves. */
export type Article = { readonly item: Coded; readonly unit: Coded; readonly supplier: Coded };

const coded = (code: string, text: string): Coded => ({ code, text });

const units = {
  each: coded("EA", "Each"),
  box: coded("BX", "Box"),
  pack: coded("PK", "Pack"),
  bottle: coded("BT", "Bottle"),
  carton: coded("CT", "Carton"),
} as const;

const suppliers = {
  brae: coded("BRAE-1", "Brae Linen"),
  ofarrell: coded("OFAR-3", "O'Farrell Instruments"),
  eastvale: coded("EAST-2", "Eastvale Infusion"),
  aldwych: coded("ALDW-7", "Aldwych Surgical"),
} as const;

/** What the ERP's side has known for long. */
export const articles: readonly Article[] = [
  { item: coded("GLV-M", "Gloves nitrile M"), unit: units.box, supplier: suppliers.ofarrell },
  { item: coded("GLV-L", "Gloves nitrile L"), unit: units.box, supplier: suppliers.ofarrell },
  { item: coded("SYR-10", "Syringe 10 ml Luer lock"), unit: units.box, supplier: suppliers.ofarrell },
  { item: coded("SWB-10", "Gauze swab 10 x 10 sterile"), unit: units.pack, supplier: suppliers.ofarrell },
  { item: coded("SAL-500", "Saline 0.9% 500 ml"), unit: units.box, supplier: suppliers.eastvale },
  { item: coded("SHT-1", "Bed sheet single"), unit: units.box, supplier: suppliers.brae },
];

/** What a supplier delivers from now on whom nobody on the ERP's side has a code for. */
export const newlySupplied: readonly Article[] = articles
  .filter(({ supplier }) => supplier === suppliers.ofarrell)
  .map((article) => ({ ...article, supplier: suppliers.aldwych }));

/** Things that were never ordered before. */
export const newArticles: readonly Article[] = [
  { item: coded("MSK-2R", "Mask surgical IIR"), unit: units.box, supplier: suppliers.ofarrell },
  { item: coded("GLU-500", "Glucose 5% 500 ml"), unit: units.bottle, supplier: suppliers.eastvale },
];

/** Known things by a measure that nobody used before. */
export const newlyMeasured: readonly Article[] = [{ ...articles[0]!, unit: units.carton }];

/** What the ERP blocks: it is not bought any more. */
export const withdrawn: Article = {
  item: coded("THM-HG", "Thermometer mercury"),
  unit: units.each,
  supplier: suppliers.ofarrell,
};

/** Where it is delivered. */
export const places: readonly Coded[] = [
  coded("MS", "Main store"),
  coded("W7", "Ward 7"),
  coded("W9", "Ward 9"),
  coded("TH", "Theatres"),
  coded("ED", "Emergency Department"),
];
