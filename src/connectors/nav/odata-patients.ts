// A NAV company's patients over its custom API pages `patients` and `integrationKeys`.

import type { CallContext, ErpPatient, PatientCursor, PatientValues } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import { keepableKey } from "./fields.ts";
import type { ODataCompany } from "./odata-company.ts";
import { probePage } from "./odata-probe.ts";
import { frameOf, odataRecords } from "./odata-records.ts";
import { type Json, literal, type Page } from "./odata-wire.ts";
import { recordFields } from "./patient-fields.ts";
import { afterWrite, byCursor, inPieces, type NavPatients, withBirthDate } from "./port.ts";
import { fitsField, fromNav, nhsNumberForms, odataPatientFields, toNav } from "./values.ts";

const names = recordFields.odata;
/** Records of one page of a listing: about a quarter of a megabyte. */
const pageSize = 250;
/** Numbers looked up in one request. */
const lookUpSize = 50;

export function odataPatients(company: ODataCompany, name: string): Omit<NavPatients, "close"> {
  const { custom: wire, at } = company;
  const records = odataRecords(company, "patients");

  /** SystemIds by number, for the numbers that some of the rows were merged into. */
  const mergeTargets = async (rows: readonly Json[], context: CallContext): Promise<ReadonlyMap<string, string>> => {
    const numbers = new Set(rows.map((row) => String(row[names.mergedInto] ?? "")).filter((number) => number !== ""));
    const targets = new Map<string, string>();
    for (const piece of inPieces([...numbers], lookUpSize)) {
      const filter = piece.map((number) => `${names.number}%20eq%20${literal(number)}`).join("%20or%20");
      const path = await at(context, `patients?$select=${names.id},${names.number}&$filter=${filter}`);
      for (const row of await wire.rows(path, context)) targets.set(String(row[names.number]), String(row[names.id]));
    }
    return targets;
  };

  const patientsOf = async (rows: readonly Json[], context: CallContext): Promise<ErpPatient[]> => {
    const targets = await mergeTargets(rows, context);
    return rows.map((row) => patientOf(row, targets));
  };
  const onePatient = async (row: Json, context: CallContext): Promise<ErpPatient> =>
    (await patientsOf([row], context))[0]!;

  const found = async (filter: string, context: CallContext): Promise<ErpPatient[]> =>
    patientsOf(await wire.rows(await at(context, `patients?$filter=${filter}`), context), context);

  const bodyOf = async (values: PatientValues, key: string, context: CallContext): Promise<Json> => {
    const body = { ...toNav(values, "odata"), [names.reference]: keepableKey(key) };
    const { mergedIntoId } = values;
    if (mergedIntoId === undefined) return body;
    if (mergedIntoId === null) return { ...body, [names.mergedInto]: "" };
    const target = await records.read(mergedIntoId, context);
    if (!target) throw new LockgateError("ERP_REFUSED", { at: "mergedIntoId", reason: "NAV_NO_TARGET" });
    return { ...body, [names.mergedInto]: String(target[names.number]) };
  };

  return {
    name,
    read: async (externalId, context) => {
      const row = await records.read(externalId, context);
      return row && onePatient(row, context);
    },
    findByIdempotencyKey: async (key, context) => {
      const row = await records.findByKey(key, context);
      return row && onePatient(row, context);
    },
    findByIdentifier: async ({ mrn, authority }, context) => {
      if (!fitsField("mrn", mrn) || !fitsField("mrnAuthority", authority)) return [];
      return found(
        `mrn%20eq%20${literal(mrn.toUpperCase())}%20and%20mrnAssigningAuthority%20eq%20${literal(authority.toUpperCase())}`,
        context,
      );
    },
    findByNhsNumber: async ({ nhsNumber, birthDate }, context) => {
      if (!fitsField("nhsNumber", nhsNumber)) return [];
      const filter = nhsNumberForms(nhsNumber)
        .map((form) => `nationalId%20eq%20${literal(form)}`)
        .join("%20or%20");
      return withBirthDate(await found(filter, context), birthDate);
    },
    create: async (values, key, context) => {
      const row = await records.insert(await bodyOf(values, key, context), context);
      return afterWrite(onePatient(row, context));
    },
    update: async (externalId, version, values, key, context) => {
      const row = await records.modify(externalId, version, key, () => bodyOf(values, key, context), context);
      return afterWrite(onePatient(row, context));
    },
    list: (after, context) => {
      const page = async (fromMs: number | undefined): Promise<Page> => {
        const from = fromMs === undefined ? "" : `$filter=${names.modified}%20ge%20${new Date(fromMs).toISOString()}&`;
        return wire.page(
          await at(context, `patients?${from}$orderby=${names.modified},${names.id}`),
          pageSize,
          context,
        );
      };
      const next = (link: string) => wire.page(link, pageSize, context);
      return listed(after, { page, next, read: (rows) => patientsOf(rows, context) });
    },
    probe: (context) =>
      probePage(company, { page: "patients", names: Object.values(names), fields: odataPatientFields }, context),
  };
}

function patientOf(row: Json, targets: ReadonlyMap<string, string>): ErpPatient {
  const mergedInto = row[names.mergedInto];
  const mergedIntoId = mergedInto === "" ? null : targets.get(String(mergedInto))?.toLowerCase();
  return {
    ...frameOf(row),
    values: { ...fromNav(row, "odata"), ...(mergedIntoId === undefined ? {} : { mergedIntoId }) },
  };
}

/** How a listing gets its pages. */
type Listing = {
  page(fromMs: number | undefined): Promise<Page>;
  next(link: string): Promise<Page>;
  read(rows: readonly Json[]): Promise<ErpPatient[]>;
};

/**
 * Every page is asked for anew from the instant the one before broke off in, and what was passed already is dropped. So
 * a record that changes meanwhile only moves towards the end and pushes no other one out between two pages, whatever
 * the ERP's next links count by; they are followed only while one instant fills more than a page.
 */
async function* listed(after: PatientCursor | undefined, { page, next, read }: Listing): AsyncGenerator<ErpPatient> {
  let position = after;
  for (let fromMs = after?.modifiedAt; ; ) {
    const first = await page(fromMs);
    const rows = [...first.rows];
    let link = first.next;
    const instant = (index: number): number => Date.parse(String(rows.at(index)?.[names.modified]));
    while (link !== undefined && (rows.length === 0 || instant(-1) === instant(0))) {
      const more: Page = await next(link);
      rows.push(...more.rows);
      link = more.next;
    }
    const brokenOffMs = link === undefined ? Number.POSITIVE_INFINITY : instant(-1);
    const whole = rows.filter((row) => !(Date.parse(String(row[names.modified])) >= brokenOffMs));
    const passed = position;
    for (const patient of (await read(whole)).sort(byCursor)) {
      if (passed && byCursor(patient, passed) <= 0) continue;
      yield patient;
      position = { externalId: patient.externalId, modifiedAt: patient.modifiedAt };
    }
    if (link === undefined) return;
    fromMs = brokenOffMs;
  }
}
