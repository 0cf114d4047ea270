// Who acts: a person or a machine, as their token's claims say, in this platform's words.

import type { JWTPayload } from "jose";
import type { Purpose } from "../policy/actions.ts";
import type { Role } from "../policy/roles.ts";
import type { Asker } from "../policy/types.ts";
import type { IssuerSettings } from "./settings.ts";

/** Who acts, and by what leave: what the policies ask of somebody, and how others see them. */
export type Principal = Asker & {
  /** How the person is shown to others; for a machine its client id. */
  readonly name: string;
  /** The client that carries the token. */
  readonly client: string;
  /** Thumbprint of the certificate that whoever carries the token has to show. */
  readonly certificate?: string;
};

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" && value.length <= 256 ? value : undefined;
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
const words = (value: unknown): readonly string[] => (text(value) ?? "").split(" ").filter(Boolean);

/**
 * Who a token of verified signature, issuer, audience and time stands for; undefined where its claims do not say that
 * plainly. Delegated permissions (a person's, through a client) and application permissions (a machine's own) are
 * different kinds: neither ever counts as the other.
 */
export function principalOf(issuer: IssuerSettings, claims: JWTPayload): Principal | undefined {
  const found = issuer.kind === "entra" ? ofEntra(issuer, claims) : ofAccessToken(issuer, claims);
  return found && (issuer.clients === undefined || issuer.clients.includes(found.client)) ? found : undefined;
}

/** Microsoft Entra ID, access token claims of version 2.0: `scp` is delegated, `roles` without `scp` an application's own. */
function ofEntra(issuer: IssuerSettings, claims: JWTPayload): Principal | undefined {
  const [subject, client] = [text(claims.oid), text(claims.azp)];
  if (!subject || !client || claims.tid !== issuer.tenant || claims.ver !== "2.0") return undefined;
  const delegated = words(claims.scp);
  if (delegated.length === 0) {
    if (claims.scp !== undefined || (claims.idtyp !== undefined && claims.idtyp !== "app")) return undefined;
    return machine(issuer, client, texts(claims.roles));
  }
  if (claims.idtyp === "app") return undefined;
  const name = text(claims.name) ?? text(claims.preferred_username) ?? subject;
  return person(issuer, { subject, name, client, scopes: delegated, claims });
}

/** RFC 9068 §2.2: the subject of a token that no person stands behind is the client itself. */
function ofAccessToken(issuer: IssuerSettings, claims: JWTPayload): Principal | undefined {
  const [subject, client] = [text(claims.sub), text(claims.client_id)];
  if (!subject || !client) return undefined;
  const scopes = words(claims.scope);
  if (subject === client) return machine(issuer, client, scopes);
  return person(issuer, { subject, name: text(claims.name) ?? subject, client, scopes, claims });
}

const levels: Readonly<Record<string, 1 | 2 | 3>> = { "1": 1, "2": 2, "3": 3 };
const VERIFIED = "3";

/**
 * Who signed in by NHS CIS2, whose access tokens are opaque: `identity` are the claims of the identity token, `facts` the answer
 * of its user info. Of `nhsid_nrbac_roles` only the roles held in the issuer's organisation count, by their role code or by one
 * of their activity codes; where a role was selected, only that one. `authentication_assurance_level` is how sure the sign-in is,
 * and counts as 1 for somebody whose identity was not verified to level 3 (`id_assurance_level`).
 */
export function principalOfSignIn(
  issuer: IssuerSettings,
  identity: JWTPayload,
  facts: JWTPayload,
): Principal | undefined {
  const subject = text(identity.sub);
  if (!subject || facts.sub !== subject || !issuer.signIn) return undefined;
  const selected = text(facts.selected_roleid);
  const held = (Array.isArray(facts.nhsid_nrbac_roles) ? facts.nhsid_nrbac_roles : []).filter(
    (one: Readonly<Record<string, unknown>>) =>
      one.org_code === issuer.organisation && (selected === undefined || one.person_roleid === selected),
  ) as readonly Readonly<Record<string, unknown>>[];
  const said = held.flatMap(({ role_code, activity_codes }) => [...texts([role_code]), ...texts(activity_codes)]);
  const isVerified = identity.id_assurance_level === VERIFIED;
  const level = levels[text(identity.authentication_assurance_level) ?? ""] ?? 1;
  return {
    kind: "user",
    id: `${issuer.name}:${subject}`,
    name: text(facts.name) ?? subject,
    roles: rolesOf(issuer, said),
    scopes: ["lockgate"],
    client: issuer.signIn.clientId,
    assuranceLevel: isVerified ? level : 1,
    ...(issuer.organisation === undefined ? {} : { organisation: issuer.organisation }),
  };
}

const machine = ({ name, purposes }: IssuerSettings, client: string, scopes: readonly string[]): Principal => ({
  kind: "client",
  id: `${name}:${client}`,
  name: client,
  roles: [],
  scopes,
  client,
  purposes: purposes as readonly Purpose[],
});

function person(
  issuer: IssuerSettings,
  who: {
    readonly subject: string;
    readonly name: string;
    readonly client: string;
    readonly scopes: readonly string[];
    readonly claims: JWTPayload;
  },
): Principal {
  const { subject, name, client, scopes, claims } = who;
  return {
    kind: "user",
    id: `${issuer.name}:${subject}`,
    name,
    roles: rolesOf(issuer, texts(claims.roles)),
    scopes,
    client,
    assuranceLevel: assuranceOf(issuer, claims.acr),
  };
}

/** What an issuer's authentication context class (`acr`) comes to; one that is not mapped counts as a password. */
const assuranceOf = ({ assurance }: IssuerSettings, acr: unknown): 1 | 2 | 3 =>
  (typeof acr === "string" && Object.hasOwn(assurance, acr) ? assurance[acr] : undefined) ?? assurance.default ?? 1;

/** The roles that an issuer's own words stand for. */
export const rolesOf = ({ roles }: Pick<IssuerSettings, "roles">, said: readonly string[]): readonly Role[] => [
  ...new Set(said.flatMap((one) => (Object.hasOwn(roles, one) ? [roles[one]!] : []))),
];
