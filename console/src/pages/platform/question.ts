// A question about access as the address holds it, and as the platform is asked it. Nothing in it is about a patient.

import type { Question } from "../../api/access.ts";
import type { searches } from "../../searches.ts";
import { purposeOf } from "../../shell/purpose.ts";

/** What the address says. */
export type Asked = ReturnType<typeof searches.access>;

/** Somebody, as far as a question about them is filled in. */
export type Subject = { readonly id: string; readonly roles: readonly string[] };

/** The form, each field of it as somebody sees it. */
export type Form = {
  readonly who: string;
  readonly roles: readonly string[];
  readonly action: string;
  readonly purpose: string;
  readonly domain: string;
  readonly item: string;
  readonly withReason: boolean;
  readonly secondFactor: boolean;
};

/** What a work item is asked for most. */
const FIRST = "work.decide";
/** No purpose is given. */
export const NO_PURPOSE = "none";

const OF_ROLE: Readonly<Record<string, string>> = {
  operator: "operations",
  "integration-engineer": "operations",
  finance: "finance",
  supply: "supply",
  workforce: "workforce",
  "clinical-safety-officer": "safety",
};

const domainOf = (roles: readonly string[]): string =>
  roles.map((role) => OF_ROLE[role]).find((domain) => domain !== undefined) ?? "demographics";

/** The form as an address fills it in; what it leaves out goes with whoever looks at it. */
export const formOf = (asked: Asked, own: Subject): Form => ({
  who: asked.who ?? own.id,
  roles: asked.roles?.split(" ") ?? [],
  action: asked.action ?? FIRST,
  purpose: asked.purpose ?? purposeOf(own.roles),
  domain: asked.domain ?? domainOf(own.roles),
  item: asked.item ?? "",
  withReason: asked.reason ?? false,
  secondFactor: asked.factors === undefined,
});

/** The address at which a form is filled in and asked. */
export const askedBy = ({ who, roles, action, purpose, domain, item, withReason, secondFactor }: Form): Asked => ({
  who: who.trim(),
  action,
  purpose,
  domain,
  ...(item.trim() === "" ? {} : { item: item.trim() }),
  ...(roles.length === 0 ? {} : { roles: roles.join(" ") }),
  ...(withReason ? { reason: true } : {}),
  ...(secondFactor ? {} : { factors: "one" }),
});

/** The address that asks what somebody may do, for what and whose work goes with their roles. */
export const askedOf = ({ id, roles }: Subject): Asked => ({
  who: id,
  action: FIRST,
  purpose: purposeOf(roles),
  domain: domainOf(roles),
});

/** Whether it matters whose work such a thing is. */
export const isOfDomain = (about: string | undefined): boolean =>
  about === "workItem" || about === "workQueue" || about === "codeMap";

/** What the platform is asked. @param about what kind of thing the action is about, as the platform names it */
export function questionOf(form: Form, about: string | undefined): Question {
  const { who, roles, action, purpose, domain, item, withReason, secondFactor } = form;
  return {
    who: who.trim(),
    action,
    withReason,
    secondFactor,
    ...(roles.length > 0 ? { roles: [...roles] as NonNullable<Question["roles"]> } : {}),
    ...(purpose === NO_PURPOSE ? {} : { purpose: purpose as NonNullable<Question["purpose"]> }),
    ...(isOfDomain(about) ? { domain } : {}),
    ...(about === "workItem" && item.trim() !== "" ? { item: item.trim() } : {}),
  };
}
