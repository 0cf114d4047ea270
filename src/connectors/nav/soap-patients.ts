// A NAV company's patients over the SOAP page `Patients` and the codeunit `IntegrationKeys`, for NAV without API pages.

import type { CallContext, ErpPatient, PatientValues } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import type { Exchange } from "./exchange.ts";
import { fitsCode, keepableKey, maxKeyLength } from "./fields.ts";
import { recordFields } from "./patient-fields.ts";
import { afterWrite, type NavPatients, usableVersion, withBirthDate } from "./port.ts";
import type { NavSettings } from "./settings.ts";
import { soapList } from "./soap-list.ts";
import { quoted, type SoapRecord, soapWire } from "./soap-wire.ts";
import { fitsField, fromNav, nhsNumberForms, toNav } from "./values.ts";
import { writeVersion } from "./version.ts";

const names = recordFields.soap;
const maxNumberLength = 20;
/** More than this many patients of one number are a page that filters nothing. */
const mostFound = 1_000;

/**
 * `externalId` is the patient's No., which a SOAP page shows where it does not show the SystemId: NAV never gives it
 * out twice, and renaming a patient is not something the integration's pages or a merge do. `version` holds the `Key`.
 */
export function soapPatients(exchange: Exchange, settings: NavSettings): Omit<NavPatients, "close"> {
  const base = new URL(settings.baseUrl).pathname.replace(/\/$/, "");
  const wire = soapWire(exchange, `${base}/WS/${encodeURIComponent(settings.company.name)}`);

  const find = async (
    filters: Readonly<Record<string, readonly string[]>>,
    context: CallContext,
  ): Promise<ErpPatient[]> => {
    const conditions = Object.entries(filters).map(([field, texts]) => ({
      field,
      criteria: texts.map(quoted).join("|"),
    }));
    const records = await wire.readMultiple(conditions, mostFound, "", context);
    if (records.length === mostFound) throw new LockgateError("ERP_BAD_ANSWER", { reason: "NAV_UNFILTERED" });
    return records.map(patientOf);
  };

  // Page `Read` takes its key as a filter, in which a number can mean others; quoted and compared it means itself.
  const read = async (externalId: string, context: CallContext): Promise<ErpPatient | undefined> => {
    if (!fitsCode(externalId, maxNumberLength)) return undefined;
    const wanted = externalId.toUpperCase();
    return (await find({ [names.number]: [wanted] }, context)).find((patient) => patient.externalId === wanted);
  };

  const fieldsOf = async (values: PatientValues, key: string, context: CallContext): Promise<SoapRecord> => {
    const fields = { ...toNav(values, "soap"), [names.reference]: keepableKey(key) } as SoapRecord;
    const { mergedIntoId } = values;
    if (mergedIntoId === undefined) return fields;
    if (mergedIntoId !== null && !(await read(mergedIntoId, context))) {
      throw new LockgateError("ERP_REFUSED", { at: "mergedIntoId", reason: "NAV_NO_TARGET" });
    }
    return { ...fields, [names.mergedInto]: mergedIntoId ?? "" };
  };

  const written = async (operation: "Create" | "Update", fields: SoapRecord, context: CallContext) => {
    const record = await wire.write(operation, fields, context);
    return afterWrite(Promise.resolve(record).then(patientOf));
  };

  return {
    name: settings.name,
    read,
    findByIdempotencyKey: async (key, context) => {
      if (key === "" || key.length > maxKeyLength) return undefined;
      const number = await wire.findKey(key, context);
      if (number === "") return undefined;
      const patient = await read(number, context);
      // The write happened, and its record has been taken away since: neither "none" nor a patient is true.
      if (!patient) throw new LockgateError("ERP_NOT_FOUND", { reason: "NAV_RECORD_GONE" });
      return patient;
    },
    findByIdentifier: async ({ mrn, authority }, context) => {
      if (!fitsField("mrn", mrn) || !fitsField("mrnAuthority", authority)) return [];
      return find({ MRN: [mrn.toUpperCase()], MRN_Assigning_Authority: [authority.toUpperCase()] }, context);
    },
    findByNhsNumber: async ({ nhsNumber, birthDate }, context) => {
      if (!fitsField("nhsNumber", nhsNumber)) return [];
      return withBirthDate(await find({ National_ID: nhsNumberForms(nhsNumber.toUpperCase()) }, context), birthDate);
    },
    create: async (values, idempotencyKey, context) =>
      written("Create", await fieldsOf(values, idempotencyKey, context), context),
    update: async (externalId, version, values, idempotencyKey, context) => {
      const { tag, externalId: owner } = usableVersion(version, idempotencyKey);
      if (owner !== externalId) {
        // The key alone decides which record changes: another record's would change that one.
        throw new LockgateError((await read(externalId, context)) ? "ERP_STALE" : "ERP_NOT_FOUND");
      }
      return written("Update", { Key: tag, ...(await fieldsOf(values, idempotencyKey, context)) }, context);
    },
    list: (after, context) => soapList(wire, after, patientOf, context),
    probe: async (context) => {
      await wire.readMultiple([], 1, "", context);
      await wire.findKey("lockgate-probe", context);
    },
  };
}

function patientOf(record: SoapRecord): ErpPatient {
  const { Key: tag, [names.number]: externalId, [names.reference]: reference = "" } = record;
  const modifiedAt = Date.parse(record[names.modified] ?? "");
  if (!tag || !externalId || Number.isNaN(modifiedAt))
    throw new LockgateError("ERP_BAD_ANSWER", { reason: "NO_RECORD" });
  return {
    externalId,
    version: writeVersion({ tag, externalId, reference }),
    modifiedAt,
    values: { ...fromNav(record, "soap"), mergedIntoId: record[names.mergedInto] || null },
    ...(reference === "" ? {} : { idempotencyKey: reference }),
  };
}
