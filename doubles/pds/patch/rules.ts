// The service's rules on what a record may say after an update, and on what an update may do to it.

import { isDeepStrictEqual } from "node:util";
import { PdsRefusal } from "../outcome.ts";
import {
  deathStatusOf,
  deathStatusUrl,
  type HumanName,
  isRestricted,
  type Patient,
  patientExtensions,
} from "../patient.ts";
import { checkAddress } from "./address-rules.ts";
import { badUpdate } from "./pointer.ts";
import { type Changed, checkPeriod, forbidden, invalidValue } from "./refusals.ts";
import { checkTelecom } from "./telecom-rules.ts";

/** Checks a changed record against the one it was made from and fills in what the service fills in; throws PdsRefusal. */
export function checkRules(before: Patient, after: Patient, today: string): void {
  if (isRestricted(before)) throw forbidden("a restricted record may not be updated");
  checkGender(before, after);
  checkBirth(before, after, today);
  checkDeath(before, after, today);
  for (const name of changedOf(before.name, after.name)) checkName(name, today);
  checkNameUses(before.name ?? [], after.name ?? []);
  for (const address of changedOf(before.address, after.address)) checkAddress(address, today);
  checkAtMostOne("address", before.address, after.address, ({ use }) => use);
  for (const line of changedOf(before.telecom, after.telecom)) checkTelecom(line, today);
  checkAtMostOne("telecom", before.telecom, after.telecom, ({ system, use }) => `${system} ${use}`);
  checkContacts(after, today);
  checkPractice(before, after);
  checkExtensions(before, after);
}

/** The items that are new or no longer as they were. */
function changedOf<T extends { id?: string }>(before: T[] = [], after: T[] = []): Changed<T>[] {
  const byId = new Map(before.map((item) => [item.id, item]));
  return after.map((is) => ({ was: byId.get(is.id), is })).filter(({ was, is }) => !isDeepStrictEqual(was, is));
}

function checkGender({ gender: was }: Patient, { gender: is }: Patient): void {
  if (is === was) return;
  if (is === undefined) throw forbidden("gender may not be removed");
  if (is === "other") throw new PdsRefusal("UNSUPPORTED_VALUE", "Unsupported value - in field 'gender'");
  if (!["male", "female", "unknown"].includes(is)) throw invalidValue("gender");
}

function checkBirth(
  before: Patient,
  { birthDate, deceasedDateTime, multipleBirthInteger }: Patient,
  today: string,
): void {
  if (birthDate === undefined && before.birthDate !== undefined) throw forbidden("birthDate may not be removed");
  if (birthDate !== undefined && birthDate !== before.birthDate) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(birthDate)) throw invalidValue("birthDate");
    if (birthDate > today) throw badUpdate("the date of birth is in the future");
  }
  if (birthDate !== undefined && deceasedDateTime !== undefined && birthDate > deceasedDateTime.slice(0, 10))
    throw badUpdate("the date of birth is after the date of death");
  const order = multipleBirthInteger;
  if (order !== undefined && !(Number.isInteger(order) && order >= 1 && order <= 9))
    throw invalidValue("multipleBirthInteger");
}

const deathDay = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}\+00:00)?$/;

function checkDeath(before: Patient, after: Patient, today: string): void {
  const [statusBefore, status] = [deathStatusOf(before), deathStatusOf(after)];
  const [dayBefore, day] = [before.deceasedDateTime, after.deceasedDateTime];
  const notice = ({ extension }: Patient): unknown => extension?.find(({ url }) => url === deathStatusUrl);
  if (day === dayBefore && isDeepStrictEqual(notice(before), notice(after))) return;
  if (statusBefore === "2") throw forbidden("a formal death may not be changed");
  if (dayBefore !== undefined && day === undefined) throw forbidden("deceasedDateTime may not be removed");
  if (notice(before) && !notice(after)) throw forbidden("a death notification may not be removed");
  if (status === "2") throw forbidden("a formal death may not be set");
  if (status === "U") throw new PdsRefusal("UNSUPPORTED_VALUE", "Unsupported value - in 'deathNotificationStatus'");
  if (day === undefined || status !== "1")
    throw badUpdate("a date of death and a death notification must be given together");
  if (!deathDay.test(day)) throw invalidValue("deceasedDateTime");
  if (day.slice(0, 10) > today) throw badUpdate("the date of death is in the future");
}

const letters = /^[A-Za-z0-9'\-. \u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f]*$/;
const titles = ["Mr", "Mrs", "Ms", "Dr", "Rev", "Sir", "Lady", "Lord"];

function checkName({ was, is }: Changed<HumanName>, today: string): void {
  checkPeriod(is, today);
  for (const field of ["use", "family"] as const)
    if (typeof is[field] !== "string" || is[field] === "")
      throw new PdsRefusal("MISSING_VALUE", `Missing value - 'name/${field}'`);
  if (!["usual", "temp", "nickname", "old", "maiden"].includes(is.use!)) throw invalidValue("name/use");
  if (was && was.use !== is.use) throw forbidden("the use of a name may not be changed");
  for (const field of ["given", "prefix", "suffix"] as const)
    if (is[field] !== undefined && !Array.isArray(is[field])) throw invalidValue(`name/${field}`);
  if ((is.given?.length ?? 0) > 5)
    throw new PdsRefusal("TOO_MANY_VALUES_SUBMITTED", "Too many values submitted - 'name/given'");
  const texts = [is.family!, ...(is.given ?? []), ...(is.prefix ?? []), ...(is.suffix ?? [])];
  if (texts.some((text) => typeof text !== "string" || text.length > 35)) throw invalidValue("name");
  if (!texts.every((text) => letters.test(text)))
    throw new PdsRefusal("UNSUPPORTED_CHARACTERS_IN_FIELD", "Unsupported characters in field 'name'");
  if (is.suffix?.some((suffix) => !/^[A-Z]/.test(suffix))) throw invalidValue("name/suffix");
  if (is.prefix) is.prefix = is.prefix.map((prefix) => prefix.replace(/\.+$/, ""));
  const isMisspelt = (prefix: string): boolean =>
    !titles.includes(prefix) && titles.some((title) => title.toLowerCase() === prefix.toLowerCase());
  if (is.prefix?.some(isMisspelt)) throw invalidValue("name/prefix");
}

function checkNameUses(before: HumanName[], after: HumanName[]): void {
  const count = (names: HumanName[], use: string): number => names.filter((name) => name.use === use).length;
  if (count(before, "usual") > 0 && count(after, "usual") === 0) throw forbidden("the usual name may not be removed");
  for (const use of ["usual", "nickname"])
    if (count(after, use) > Math.max(1, count(before, use))) throw forbidden(`more than one ${use} name`);
}

/** One of a kind; more only where an old record already has more. */
function checkAtMostOne<T>(
  field: string,
  before: T[] = [],
  after: T[] = [],
  kindOf: (item: T) => string | undefined,
): void {
  const had = before.map(kindOf);
  const has = after.map(kindOf);
  for (const kind of new Set(has)) {
    const most = Math.max(1, had.filter((other) => other === kind).length);
    if (has.filter((other) => other === kind).length > most) throw forbidden(`more than one ${field} of a kind`);
  }
}

function checkContacts(after: Patient, today: string): void {
  for (const { period, relationship, telecom } of after.contact ?? []) {
    if (period) checkPeriod({ period }, today);
    if (relationship?.length !== 1 || relationship[0]?.coding?.[0]?.code !== "C")
      throw invalidValue("contact/relationship");
    if (!telecom?.length) throw new PdsRefusal("MISSING_VALUE", "Missing value - 'contact/telecom'");
    if (telecom.some(({ use, period: own, system }) => use !== undefined || own || system === "fax"))
      throw invalidValue("contact/telecom");
  }
}

function checkPractice(before: Patient, after: Patient): void {
  const practices = after.generalPractitioner ?? [];
  if (practices.length > 1)
    throw new PdsRefusal("TOO_MANY_VALUES_SUBMITTED", "Too many values submitted - 'generalPractitioner'");
  if (before.generalPractitioner?.length && practices.length === 0)
    throw forbidden("the general practice may not be removed");
  if (isDeepStrictEqual(before.generalPractitioner, after.generalPractitioner)) return;
  const [practice] = practices;
  if (!/^[0-9A-Z]+$/.test(practice?.identifier?.value ?? "")) throw invalidValue("generalPractitioner/identifier");
  if (practice?.identifier?.period?.end !== undefined) throw invalidValue("generalPractitioner/identifier/period/end");
}

function checkExtensions(before: Patient, after: Patient): void {
  const urls = (after.extension ?? []).map(({ url }) => url ?? "");
  if (urls.some((url) => !patientExtensions.includes(url))) throw invalidValue("extension/url");
  if (new Set(urls).size < urls.length && urls.length > (before.extension?.length ?? 0))
    throw forbidden("more than one extension of a kind");
}
