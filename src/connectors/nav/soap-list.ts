// Patients in cursor order over SOAP, whose pages know no other order than that of the primary key.

import type { CallContext, ErpPatient, PatientCursor } from "#canonical/contracts";
import { recordFields } from "./patient-fields.ts";
import { byCursor, inPieces } from "./port.ts";
import { quoted, type SoapRecord, type SoapWire } from "./soap-wire.ts";

const names = recordFields.soap;
const scanSize = 500;
/** Numbers of one filter: at 20 characters each well below the longest expression NAV takes. */
const readSize = 40;

/**
 * Scans the whole table for what changed after the cursor, keeping number and instant only, sorts that, and reads the
 * patients again in that order. NAV's filters on instants depend on the language of the server, so none is used. A
 * patient that changed between scan and reading comes at the end, with the others of its kind.
 */
export async function* soapList(
  wire: SoapWire,
  after: PatientCursor | undefined,
  patientOf: (record: SoapRecord) => ErpPatient,
  context: CallContext,
): AsyncGenerator<ErpPatient> {
  const places: PatientCursor[] = [];
  let bookmark = "";
  for (;;) {
    const records = await wire.readMultiple([], scanSize, bookmark, context);
    for (const { externalId, modifiedAt } of records.map(patientOf)) {
      const place = { externalId, modifiedAt };
      if (!after || byCursor(place, after) > 0) places.push(place);
    }
    const last = records.at(-1)?.Key;
    if (last === undefined || records.length < scanSize) break;
    bookmark = last;
  }
  places.sort(byCursor);

  const moved: ErpPatient[] = [];
  const scanned = new Map(places.map((place) => [place.externalId, place.modifiedAt]));
  for (const numbers of inPieces(
    places.map((place) => place.externalId),
    readSize,
  )) {
    const criteria = numbers.map(quoted).join("|");
    const records = await wire.readMultiple([{ field: names.number, criteria }], 0, "", context);
    for (const patient of records.map(patientOf).sort(byCursor)) {
      if (patient.modifiedAt === scanned.get(patient.externalId)) yield patient;
      else moved.push(patient);
    }
  }
  yield* moved.sort(byCursor);
}
