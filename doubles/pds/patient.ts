// FHIR patients as the service holds them, and the parts of them that a retrieval and a search show.

/** Dates between which something holds, YYYY-MM-DD. */
export interface Period {
  start?: string;
  end?: string;
}

/** A name; `use` is usual, nickname, temp, old or maiden. */
export interface HumanName {
  id?: string;
  use?: string;
  period?: Period;
  given?: string[];
  family?: string;
  prefix?: string[];
  suffix?: string[];
}

/** An address; `use` is home, temp, billing or work. */
export interface Address {
  id?: string;
  use?: string;
  period?: Period;
  text?: string;
  line?: string[];
  postalCode?: string;
  extension?: Extension[];
}

/** A telephone number, an e-mail address or the like. */
export interface Telecom {
  id?: string;
  use?: string;
  system?: string;
  value?: string;
  period?: Period;
  extension?: Extension[];
}

/** An extension; further `value…` fields are looked at by the rules of its URL only. */
export interface Extension {
  url?: string;
  extension?: Extension[];
  [value: string]: unknown;
}

/** Someone to call in an emergency. */
export interface Contact {
  id?: string;
  period?: Period;
  relationship?: { coding?: { code?: string }[] }[];
  telecom?: Telecom[];
}

/** A practice that the person is registered with. */
export interface Practice {
  id?: string;
  type?: string;
  identifier?: { system?: string; value?: string; period?: Period };
}

/** A Patient resource as the service's API describes it. */
export interface Patient {
  resourceType: "Patient";
  id: string;
  identifier?: unknown[];
  meta: { versionId: string; security: { system: string; code: string; display: string }[] };
  name?: HumanName[];
  gender?: string;
  birthDate?: string;
  multipleBirthInteger?: number;
  deceasedDateTime?: string;
  address?: Address[];
  telecom?: Telecom[];
  contact?: Contact[];
  generalPractitioner?: Practice[];
  managingOrganization?: Practice;
  extension?: Extension[];
}

const extensionRoot = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-";
/** URL of the extension that says how a death became known. */
export const deathStatusUrl = `${extensionRoot}DeathNotificationStatus`;
/** URL of the extension that says whether the NHS number was verified. */
export const verificationUrl = `${extensionRoot}NHSNumberVerificationStatus`;
/** URLs of all extensions that a patient may have. */
export const patientExtensions: readonly string[] = [
  ...["NominatedPharmacy", "PreferredDispenserOrganization", "MedicalApplianceSupplier"].map((n) => extensionRoot + n),
  ...["NHSCommunication", "ContactPreference"].map((name) => extensionRoot + name),
  deathStatusUrl,
  "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
  "https://fhir.nhs.uk/StructureDefinition/Extension-PDS-RemovalFromRegistration",
];

/** Whether the person's whereabouts are withheld. */
export const isRestricted = (patient: Patient): boolean => patient.meta.security[0]?.code === "R";

/** Version as `If-Match` and `ETag` spell it. */
export const etagOf = (patient: Patient): string => `W/"${patient.meta.versionId}"`;

/** How the death became known: "1" informal, "2" formal; undefined when nothing is known of a death. */
export function deathStatusOf(patient: Patient): string | undefined {
  const status = patient.extension?.find(({ url }) => url === deathStatusUrl)?.extension?.[0]?.valueCodeableConcept;
  return (status as { coding?: { code?: string }[] } | undefined)?.coding?.[0]?.code;
}

/** An object less some fields. */
export function without<T extends object, K extends string>(whole: T, fields: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !fields.includes(name as K))) as Omit<T, K>;
}

/** What a retrieval shows: everything, of a restricted person nothing that tells the whereabouts. */
export function retrievalView(patient: Patient): Patient {
  if (!isRestricted(patient)) return patient;
  return without(patient, ["address", "telecom", "contact", "generalPractitioner", "managingOrganization"]);
}

const searchedNameUses = new Set(["usual", "nickname", "temp"]);

/** Whether a search looks at a name without being asked for history. */
export const isCurrentName = (name: HumanName): boolean => searchedNameUses.has(name.use ?? "");

/** What a search shows: less than a retrieval, namely current names, home addresses and the facts of a death. */
export function searchView(patient: Patient): Partial<Patient> {
  const { name, address, extension } = retrievalView(patient);
  return {
    ...without(retrievalView(patient), ["name", "address", "extension", "managingOrganization"]),
    ...kept("name", name?.filter(isCurrentName)),
    ...kept(
      "address",
      address?.filter(({ use }) => use === "home"),
    ),
    ...kept(
      "extension",
      extension?.filter(({ url }) => url === deathStatusUrl),
    ),
  };
}

/** A list field, left out when nothing is in it: the service sends no empty lists. */
const kept = <T>(field: string, list: T[] | undefined): Record<string, T[]> => (list?.length ? { [field]: list } : {});
