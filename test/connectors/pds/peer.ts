// A PDS of a few lines on the HTTP peer of the connectors: its token endpoint, records, and a connection to it.

import { generateKeyPairSync } from "node:crypto";
import type { CallContext, NationalUser } from "#canonical/contracts";
import { type PdsDemographics, pdsDemographics, pdsSettings } from "#connectors/pds";
import { type AlarmClock, systemClock } from "#kernel/clock";
import type { Queryable } from "#kernel/db";
import { openLog } from "#kernel/log";
import { newTrace } from "#kernel/trace";
import { closedVault } from "#kernel/vault";
import { type Asked, httpPeer, type Said } from "../nav/peer.ts";

export const nhsNumber = "9990000018";
export const otherNumber = "9990000026";
export const requestId = "0b8e7c7e-1f3a-4f0e-9d2e-6f6a3b1c2d4e";

export const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

export const context = (signal?: AbortSignal): CallContext => ({ traceparent: newTrace(), signal });

export const user: NationalUser = {
  accessToken: async () => "user-token",
  roleId: "555021935107",
  organisation: "RXX",
};

/** A limit that is never reached: every turn is due at once. */
export const openGates: Queryable = {
  vault: closedVault,
  query: async <Row>(statement: Parameters<Queryable["query"]>[0]) => {
    const { values = [] } = statement as { values?: readonly unknown[] };
    return [{ granted: values[1], dueMs: 0, nowMs: 0 }] as Row[];
  },
};

/** The demographic service at that port, with a time-out that no test reaches unawares. */
export const pdsAt = (
  port: number,
  more: Record<string, unknown> = {},
  { clock = systemClock, db = openGates }: { clock?: AlarmClock; db?: Queryable } = {},
): PdsDemographics =>
  pdsDemographics(
    pdsSettings.parse({
      baseUrl: `http://127.0.0.1:${port}/FHIR/R4`,
      tokenUrl: `http://127.0.0.1:${port}/oauth2/token`,
      apiKey: "api-key",
      kid: "test-1",
      privateKey,
      callsPerSecond: 2_000,
      timeoutMs: 15_000,
      ...more,
    }),
    { clock, db, log: openLog("silent") },
  );

export const asJson = (status: number, body: unknown, headers: Record<string, string> = {}): Said => ({
  status,
  headers: { "content-type": "application/fhir+json", ...headers },
  body: JSON.stringify(body),
});

/** An OperationOutcome as PDS says it. */
export const outcome = (status: number, code: string, headers: Record<string, string> = {}): Said => {
  const system = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode";
  const issue = { severity: "error", code: "processing", details: { coding: [{ system, version: "1", code }] } };
  return asJson(status, { resourceType: "OperationOutcome", issue: [issue] }, headers);
};

export const isTokenCall = ({ url }: Asked): boolean => url === "/oauth2/token";

/** A peer that gives tokens `token-1`, `token-2` … and answers everything else by `say`. */
export async function pdsPeer(say: (asked: Asked) => Said) {
  let tokens = 0;
  const peer = await httpPeer((asked) => {
    if (!isTokenCall(asked)) return say(asked);
    tokens += 1;
    return asJson(200, { access_token: `token-${tokens}`, expires_in: "599", token_type: "Bearer" });
  });
  return { ...peer, calls: () => peer.asked.filter((asked) => !isTokenCall(asked)) };
}

const odsCode = "https://fhir.nhs.uk/Id/ods-organization-code";

/** A whole record, with what was before and what is temporary beside what counts. */
export const patient = {
  resourceType: "Patient",
  id: nhsNumber,
  identifier: [
    {
      system: "https://fhir.nhs.uk/Id/nhs-number",
      value: nhsNumber,
      extension: [
        {
          url: "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
          valueCodeableConcept: { coding: [{ code: "01" }] },
        },
      ],
    },
  ],
  meta: { versionId: "4", security: [{ code: "U", display: "unrestricted" }] },
  name: [
    { id: "n0", use: "nickname", given: ["Al"], family: "Wren" },
    {
      id: "n1",
      use: "usual",
      period: { start: "2001-02-03" },
      prefix: ["Mrs"],
      given: ["Alba", "Rose", "May"],
      family: "O\u2019Wren",
      suffix: ["MBE"],
    },
  ],
  gender: "female",
  birthDate: "1980-05-17",
  address: [
    {
      id: "a0",
      use: "temp",
      period: { start: "2020-01-01" },
      line: ["9 Elsewhere Way", "Oldham"],
      postalCode: "OL1 1AA",
    },
    {
      id: "a1",
      use: "home",
      period: { start: "2020-01-01" },
      line: ["1 Trevelyan Square", "Boar Lane", "City Centre", "Leeds", "West Yorkshire"],
      postalCode: "ls16ae",
    },
  ],
  telecom: [
    {
      id: "t0",
      use: "home",
      system: "phone",
      value: "01632 960999",
      period: { start: "2001-01-01", end: "2002-01-01" },
    },
    { id: "t1", use: "work", system: "phone", value: "01632960111" },
    { id: "t2", use: "mobile", system: "phone", value: "07700 900123" },
    { id: "t3", use: "home", system: "email", value: "Alba@Example.COM" },
  ],
  generalPractitioner: [{ id: "g1", type: "Organization", identifier: { system: odsCode, value: "a12345" } }],
};

/** What of it is told. */
export const told = {
  nhsNumber,
  nhsNumberStatus: "01",
  title: "Mrs",
  familyName: "O'Wren",
  givenName: "Alba",
  middleNames: "Rose May",
  birthDate: "1980-05-17",
  gender: "female",
  addressLine1: "1 Trevelyan Square",
  addressLine2: "Boar Lane, City Centre",
  town: "Leeds",
  county: "West Yorkshire",
  postcode: "LS1 6AE",
  phone: "+447700900123",
  email: "Alba@example.com",
  gpPracticeCode: "A12345",
} as const;

export const version = 'W/"4"';

export const restrictedMeta = { versionId: "4", security: [{ code: "R", display: "restricted" }] };

/** The death notification extension. */
export const deathNotice = (code: string) => ({
  url: "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus",
  extension: [{ url: "deathNotificationStatus", valueCodeableConcept: { coding: [{ code }] } }],
});

export const found = (body: unknown = patient, headers: Record<string, string> = { etag: version }): Said =>
  asJson(200, body, headers);
