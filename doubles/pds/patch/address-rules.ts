// The service's rules on addresses.

import { PdsRefusal } from "../outcome.ts";
import type { Address, Extension } from "../patient.ts";
import { badUpdate } from "./pointer.ts";
import { type Changed, checkPeriod, invalidValue } from "./refusals.ts";

/** Longest time that an address other than home may hold, in days, by its use. */
const longestDays: Readonly<Record<string, number>> = { temp: 90, billing: 366 };

/** Checks a new or changed address; throws PdsRefusal. */
export function checkAddress({ was, is }: Changed<Address>, today: string): void {
  const { use = "" } = is;
  if (use === "") throw new PdsRefusal("MISSING_VALUE", "Missing value - 'address/use'");
  if (use === "work") throw new PdsRefusal("UNSUPPORTED_VALUE", "Unsupported value - in field 'address/use'");
  if (!["home", "temp", "billing"].includes(use)) throw invalidValue("address/use");
  const isWhole = !was || was.use !== use;
  if (use !== "home") checkOtherPeriod(is, isWhole);
  checkPeriod(is, today);
  if (use === "temp" && !is.text) throw new PdsRefusal("MISSING_VALUE", "Missing value - 'address/text'");
  if (is.line !== undefined && !(Array.isArray(is.line) && is.line.every((line) => typeof line === "string")))
    throw invalidValue("address/line");
  const lines = is.line?.length ?? 0;
  if (lines > 5) throw new PdsRefusal("TOO_MANY_VALUES_SUBMITTED", "Too many values submitted - 'address/line'");
  if (lines === 0 && !is.extension?.length && !is.postalCode?.toUpperCase().startsWith("ZZ99"))
    throw new PdsRefusal("TOO_FEW_VALUES_SUBMITTED", "Too few values submitted - 'address/line'");
  if (is.extension?.some((key) => !isAddressKey(key))) throw invalidValue("address/extension");
}

/** A key of the postal address file has eight digits, a unique property reference number up to twelve. */
function isAddressKey({ extension = [] }: Extension): boolean {
  const kind = extension.find(({ url }) => url === "type")?.valueCoding as { code?: string } | undefined;
  const value = extension.find(({ url }) => url === "value")?.valueString;
  const form = { PAF: /^\d{8}$/, UPRN: /^\d{1,12}$/ }[kind?.code ?? ""];
  return form !== undefined && typeof value === "string" && form.test(value);
}

function checkOtherPeriod({ use = "", period }: Address, isNew: boolean): void {
  const { start, end } = period ?? {};
  if (start === undefined || end === undefined) throw badUpdate(`a ${use} address must have a start and an end date`);
  const days = (Date.parse(end) - Date.parse(start)) / 86_400_000;
  if (isNew && days > (longestDays[use] ?? 0)) throw badUpdate(`a ${use} address holds too long`);
}
