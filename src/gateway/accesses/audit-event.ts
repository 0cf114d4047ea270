// Accesses as FHIR R4 AuditEvent resources, after IHE Basic Audit Log Patterns (BALP 1.1): Read, Query and Update, each with a
// patient where one is known. Failures and exports are plain AuditEvents: BALP has profiles for what succeeded.

import type { StoredAccess } from "#engine/audit";

type Coding = { readonly system: string; readonly code: string; readonly display?: string };
type Json = { readonly [name: string]: unknown };

const PROFILES = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit";
const TERMS = "http://terminology.hl7.org/CodeSystem";
const DICOM = "http://dicom.nema.org/resources/ontology/DCM";
const SOURCE: Coding = { system: DICOM, code: "110153", display: "Source Role ID" };
const DESTINATION: Coding = { system: DICOM, code: "110152", display: "Destination Role ID" };
const PERSON: Coding = { system: `${TERMS}/audit-entity-type`, code: "1", display: "Person" };
const SYSTEM_OBJECT: Coding = { system: `${TERMS}/audit-entity-type`, code: "2", display: "System Object" };
const object = (code: string, display: string): Coding => ({ system: `${TERMS}/object-role`, code, display });
const interaction = (code: string): Coding => ({
  system: "http://hl7.org/fhir/restful-interaction",
  code,
  display: code,
});

const REST: Coding = { system: `${TERMS}/audit-event-type`, code: "rest", display: "Restful Operation" };
const EXPORT: Coding = { system: DICOM, code: "110106", display: "Export" };
const RECIPIENT: Coding = { system: `${TERMS}/v3-ParticipationType`, code: "IRCP", display: "information recipient" };
const AUTHOR: Coding = { system: `${TERMS}/v3-ParticipationType`, code: "AUT", display: "author (originator)" };

type Pattern = {
  readonly type: Coding;
  readonly subtype: Coding;
  readonly action: "R" | "E" | "U";
  /** The name of BALP's profile. */
  readonly profile?: "Read" | "Query" | "Update";
  /** From whom data flows to whom, as BALP has it: of a read the server is the source, of everything else the client. */
  readonly client: Coding;
  readonly server: Coding;
  readonly user: Coding;
};

const toServer = { client: SOURCE, server: DESTINATION } as const;
const READ: Pattern = {
  type: REST,
  subtype: interaction("read"),
  action: "R",
  profile: "Read",
  client: DESTINATION,
  server: SOURCE,
  user: RECIPIENT,
};
const patterns: Readonly<Record<string, Pattern>> = {
  "access.searched": {
    type: REST,
    subtype: interaction("search"),
    action: "E",
    profile: "Query",
    ...toServer,
    user: RECIPIENT,
  },
  "access.changed": {
    type: REST,
    subtype: interaction("update"),
    action: "U",
    profile: "Update",
    ...toServer,
    user: AUTHOR,
  },
  "access.exported": { ...READ, type: EXPORT },
};

/** Purposes of use as HL7 has them (v3 ActReason, PurposeOfUse). */
const PURPOSES: Readonly<Record<string, Coding>> = Object.fromEntries(
  (
    [
      ["direct-care", "TREAT", "treatment"],
      ["administration", "HOPERAT", "healthcare operations"],
      ["finance", "HPAYMT", "healthcare payment"],
      ["audit", "HCOMPL", "health compliance"],
      ["safety-review", "PATSFTY", "patient safety"],
      ["break-glass", "BTG", "break the glass"],
    ] as const
  ).map(([purpose, code, display]) => [purpose, { system: `${TERMS}/v3-ActReason`, code, display }]),
);

/** Named in the export, where a server is a host. */
export type Observer = { readonly name: string };

/** An access as AuditEvents: one for each person it names, or one where it names nobody (BALP, PatientQuery). */
export function auditEventsOf(access: StoredAccess, observer: Observer): Json[] {
  const persons = access.about.filter((one) => one.startsWith("person/")).map((one) => one.slice("person/".length));
  if (persons.length === 0) return [auditEvent(access, observer, access.id)];
  return persons.map((person, index) =>
    auditEvent(access, observer, index === 0 ? access.id : `${access.id}-${index + 1}`, person),
  );
}

function auditEvent(access: StoredAccess, observer: Observer, id: string, person?: string): Json {
  const { leaf, about } = access;
  const pattern = patterns[leaf.name] ?? READ;
  const isDone = leaf.outcome === "ok";
  const purpose = access.purpose === null ? undefined : PURPOSES[access.purpose];
  const profile =
    pattern.type === REST && pattern.profile && leaf.name !== "access.replayed" ? pattern.profile : undefined;
  return {
    resourceType: "AuditEvent",
    id,
    ...(isDone && profile ? { meta: { profile: [`${PROFILES}.${person ? "Patient" : ""}${profile}`] } } : {}),
    type: pattern.type,
    subtype: [pattern.subtype],
    action: pattern.action,
    recorded: leaf.at.toISOString(),
    outcome: isDone ? "0" : "4",
    ...(leaf.code ? { outcomeDesc: leaf.code } : {}),
    ...(purpose ? { purposeOfEvent: [{ coding: [purpose] }] } : {}),
    agent: agentsOf(access, pattern, observer),
    source: {
      observer: { display: observer.name },
      type: [{ system: `${TERMS}/security-source-type`, code: "4", display: "Application Server" }],
    },
    entity: [
      ...(person ? [{ what: { reference: `Patient/${person}` }, type: PERSON, role: object("1", "Patient") }] : []),
      ...(pattern.profile === "Query" ? [queryOf(access)] : dataOf(about, person, String(leaf.detail?.route ?? ""))),
    ],
  };
}

function agentsOf({ leaf, purpose }: StoredAccess, pattern: Pattern, observer: Observer): Json[] {
  const { client, address, roles, kind } = leaf.detail ?? {};
  const isPerson = kind === "user";
  const used = purpose === null ? undefined : PURPOSES[purpose];
  const identified = (value: unknown) => ({ identifier: { value: String(value) } });
  return [
    {
      type: { coding: [pattern.client] },
      who: client === undefined ? { display: "unknown" } : identified(client),
      requestor: !isPerson,
      network: { address: String(address ?? "unknown"), type: "2" },
    },
    {
      type: { coding: [pattern.server] },
      who: identified(observer.name),
      requestor: false,
      network: { address: observer.name, type: "1" },
    },
    ...(isPerson && leaf.actor !== undefined
      ? [
          {
            type: { coding: [pattern.user] },
            who: identified(leaf.actor),
            requestor: true,
            ...(roles
              ? {
                  role: String(roles)
                    .split(" ")
                    .map((text) => ({ text })),
                }
              : {}),
            ...(used ? { purposeOfUse: [{ coding: [used] }] } : {}),
          },
        ]
      : []),
  ];
}

/** What was asked is not kept, for it may be a patient's number: the query is told by its route. */
const queryOf = ({ leaf }: StoredAccess): Json => ({
  type: SYSTEM_OBJECT,
  role: object("24", "Query"),
  query: Buffer.from(String(leaf.detail?.route ?? "")).toString("base64"),
});

/** BALP wants exactly one: what was read; where it has no id of its own, the route. */
function dataOf(about: readonly string[], person: string | undefined, route: string): Json[] {
  const data = about.find((one) => one !== `person/${person}`) ?? about[0] ?? route;
  return [{ what: { identifier: { value: data } }, type: SYSTEM_OBJECT, role: object("4", "Domain Resource") }];
}
