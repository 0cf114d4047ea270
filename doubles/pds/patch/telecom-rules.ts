// The service's rules on telephone numbers and e-mail addresses.

import { PdsRefusal } from "../outcome.ts";
import type { Telecom } from "../patient.ts";
import { badUpdate } from "./pointer.ts";
import { type Changed, checkPeriod, invalidValue } from "./refusals.ts";

const mail = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Checks a new or changed line; throws PdsRefusal. */
export function checkTelecom({ was, is }: Changed<Telecom>, today: string): void {
  checkPeriod(is, today);
  const { system = "", use, value } = is;
  if (typeof value !== "string" || value === "")
    throw new PdsRefusal("MISSING_VALUE", "Missing value - 'telecom/value'");
  if (!["phone", "fax", "email", "other"].includes(system)) throw invalidValue("telecom/system");
  if (use !== undefined && !["home", "work", "temp", "mobile"].includes(use)) throw invalidValue("telecom/use");
  if (was && (was.system !== system || was.use !== use))
    throw badUpdate("system and use of a telecom are changed by removing and adding it");
  if (system === "email" && !(mail.test(value) && value.length > 6 && value.length < 90))
    throw invalidValue("telecom/value");
}
