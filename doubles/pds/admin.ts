// The double's own desk, outside the service: people, applications, users, ledger, faults, settings, reset.

import { createPublicKey, type JsonWebKey } from "node:crypto";
import { z } from "zod";
import { isNhsNumber } from "./nhs-number.ts";
import type { Reply } from "./outcome.ts";
import type { Person } from "./register.ts";
import type { PdsRequest } from "./request.ts";
import type { Desk } from "./service.ts";
import { demoClient } from "./settings.ts";
import { patientFrom } from "./short-form.ts";

/** What the desk can do besides. */
export interface AdminDesk extends Desk {
  /** Replaces the settings; throws ZodError. */
  set(settings: unknown): void;
  /** Back to the state after a fresh start; applications keep their keys. */
  reset(): void;
}

const clientSchema = z
  .strictObject({
    apiKey: z.string().min(1),
    kid: z.string().min(1),
    publicKeyPem: z.string().optional(),
    jwk: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ publicKeyPem, jwk }) => (publicKeyPem === undefined) !== (jwk === undefined), "needs publicKeyPem or jwk");

const userSchema = z.strictObject({
  /** Application that the user is signed in to. */
  apiKey: z.string().min(1).default(demoClient.apiKey),
  /** User role id (URID). */
  roleId: z.string().regex(/^\d+$/),
  /** ODS code of the organisation. */
  organisation: z.string().min(1),
  lifetimeSeconds: z.int().min(1).max(86_400).default(599),
});

const pairSchema = z.strictObject({ from: z.string(), to: z.string() });
const oneSchema = z.strictObject({ nhsNumber: z.string() });

const json = (body: unknown, status = 200): Reply => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(body),
});
const refused = (error: string, status = 400): Reply => json({ error }, status);

/** Serves one admin request; a bad body is answered 400 with the reason. */
export function serveAdmin(desk: AdminDesk, request: PdsRequest): Reply {
  try {
    const { method, path } = request;
    const [, , name = "", rest] = path.split("/");
    const desks = rest === undefined ? adminCalls[`${method} ${name}`] : undefined;
    if (desks) return desks(desk, request);
    if (method === "GET" && name === "patients" && rest !== undefined) return onePerson(desk, rest);
    return refused("no such admin address", 404);
  } catch (error) {
    if (error instanceof z.ZodError) return refused(z.prettifyError(error));
    if (error instanceof SyntaxError) return refused("body is not JSON");
    throw error;
  }
}

const adminCalls: Record<string, (desk: AdminDesk, request: PdsRequest) => Reply> = {
  "GET health": ({ register }) => json({ ok: true, ledger: register.ledger.length }),
  "GET ledger": ledgerLines,
  "GET faults": ({ faults }) => json(faults.list()),
  "PUT faults": ({ faults }, { body }) => {
    faults.replace(JSON.parse(body));
    return json(faults.list());
  },
  "DELETE faults": ({ faults }) => {
    faults.replace([]);
    return json([]);
  },
  "GET settings": ({ settings }) => json(settings),
  "PUT settings": (desk, { body }) => {
    desk.set(JSON.parse(body));
    return json(desk.settings);
  },
  "GET violations": ({ violations }) => json(violations),
  "GET patients": ({ register }) => json([...register.people()].map(shown)),
  "PUT patients": putPeople,
  "PUT clients": putClient,
  "POST users": addUser,
  "POST supersede": ({ register }, { body }) => {
    const { from, to } = pairSchema.parse(JSON.parse(body));
    if (!register.find(from) || !register.find(to)) return refused("no such person", 404);
    if (register.follow(to)?.patient.id === from) return refused("to: leads back to from");
    register.supersede(from, to);
    return json({ ok: true });
  },
  "POST invalidate": ({ register }, { body }) => {
    const { nhsNumber } = oneSchema.parse(JSON.parse(body));
    if (!register.find(nhsNumber)) return refused("no such person", 404);
    register.invalidate(nhsNumber);
    return json({ ok: true });
  },
  "POST reset": (desk) => {
    desk.reset();
    return json({ ok: true });
  },
};

/** JSON lines; `?after=<seq>` leaves out what is known. */
function ledgerLines({ register }: AdminDesk, { search }: PdsRequest): Reply {
  const after = Number(new URLSearchParams(search).get("after") ?? 0);
  if (!Number.isSafeInteger(after) || after < 0) return refused("after: must be a whole number");
  const body = register.ledger.slice(after).reduce((lines, entry) => `${lines}${JSON.stringify(entry)}\n`, "");
  return { status: 200, headers: { "content-type": "application/jsonl; charset=utf-8" }, body };
}

const shown = ({ patient, past, supersededBy, isInvalidated }: Person): object => ({
  nhsNumber: patient.id,
  version: patient.meta.versionId,
  supersededBy,
  isInvalidated,
  patient,
  past,
});

function onePerson({ register }: AdminDesk, nhsNumber: string): Reply {
  const person = register.find(nhsNumber);
  return person ? json(shown(person)) : refused("no such person", 404);
}

/** All or none of them. */
function putPeople({ register }: AdminDesk, { body }: PdsRequest): Reply {
  const patients = [JSON.parse(body) as unknown].flat().map(patientFrom);
  const put = patients.map((patient) => register.put(patient).patient);
  return json(put.map(({ id, meta }) => ({ nhsNumber: id, version: meta.versionId, hasValidNumber: isNhsNumber(id) })));
}

function putClient({ register }: AdminDesk, { body }: PdsRequest): Reply {
  const { apiKey, kid, publicKeyPem, jwk } = clientSchema.parse(JSON.parse(body));
  const key = publicJwk(publicKeyPem ?? jwk!);
  if (!key) return refused("publicKeyPem, jwk: must be an RSA public key");
  register.addClient({ apiKey, kid, jwk: key });
  return json({ apiKey, kid });
}

/** A public RSA key as a JWK; undefined when it is none. */
export function publicJwk(key: string | object): object | undefined {
  try {
    const read = createPublicKey(typeof key === "string" ? key : { key: key as JsonWebKey, format: "jwk" });
    return read.asymmetricKeyType === "rsa" ? read.export({ format: "jwk" }) : undefined;
  } catch {
    return undefined;
  }
}

/** Signs a healthcare worker in, as the identity service would. */
function addUser({ tokens }: AdminDesk, { body }: PdsRequest): Reply {
  const { apiKey, roleId, organisation, lifetimeSeconds } = userSchema.parse(JSON.parse(body));
  const accessToken = tokens.issue({ client: apiKey, user: { roleId, organisation } }, lifetimeSeconds);
  return json({ accessToken, roleId, organisation, expiresInSeconds: lifetimeSeconds });
}
