// PDS address lines to canonical address fields and back.

import type { PersonFields } from "#canonical/model";
import { cleanText, compareName } from "#canonical/rules";

/** The address fields that stand in PDS lines. */
export type AddressParts = {
  readonly [F in "addressLine1" | "addressLine2" | "town" | "county"]?: PersonFields[F] | undefined;
};

/** As many lines as PDS holds: premises; number and street; locality; post town; county. */
const fullLines = 5;

// Counties of England and Wales as addresses name them, with Royal Mail's abbreviations. Left out: names that are a town's
// as well, such as Durham.
const counties = new Set(
  (
    "Avon,Bedfordshire,Beds,Berkshire,Berks,Buckinghamshire,Bucks,Cambridgeshire,Cambs,Carmarthenshire,Ceredigion,Cheshire," +
    "Cleveland,Clwyd,Co Durham,Cornwall,County Durham,Cumbria,Denbighshire,Derbyshire,Devon,Dorset,Dyfed,E Sussex," +
    "East Riding of Yorkshire,East Sussex,East Yorkshire,Essex,Flintshire,Gloucestershire,Glos,Greater London," +
    "Greater Manchester,Gwent,Gwynedd,Hampshire,Hants,Herefordshire,Hertfordshire,Herts,Humberside,Isle of Anglesey," +
    "Isle of Wight,Kent,Lancashire,Lancs,Leicestershire,Leics,Lincolnshire,Lincs,Merseyside,Mid Glamorgan,Middlesex,Middx," +
    "Monmouthshire,N Humberside,N Yorkshire,Norfolk,North Humberside,North Yorkshire,Northamptonshire,Northants," +
    "Northumberland,Nottinghamshire,Notts,Oxfordshire,Oxon,Pembrokeshire,Powys,Rutland,S Glamorgan,S Humberside," +
    "S Yorkshire,Salop,Shropshire,Somerset,South Glamorgan,South Humberside,South Yorkshire,Staffordshire,Staffs,Suffolk," +
    "Surrey,Tyne and Wear,Tyne & Wear,W Glamorgan,W Midlands,W Sussex,W Yorkshire,Warwickshire,Warks,West Glamorgan," +
    "West Midlands,West Sussex,West Yorkshire,Wiltshire,Wilts,Worcestershire,Worcs"
  )
    .split(",")
    .map(compareName),
);

/**
 * The canonical fields of PDS lines. PDS leaves empty lines out, so only five of them tell which is which: the fourth is
 * the post town, the fifth the county. Of fewer, the last is the county if it is named like one and two others come
 * before it, and the last one before that is the town. The first is `addressLine1`; what is between is `addressLine2`, joined
 * by a comma.
 */
export function partsOf(sent: readonly string[]): AddressParts {
  const lines = sent.map(cleanText);
  const isFull = lines.length === fullLines;
  const filled = isFull ? lines.slice(0, 3).filter(Boolean) : lines.filter(Boolean);
  const isLastCounty = !isFull && filled.length > 2 && counties.has(compareName(filled.at(-1)!));
  const county = isFull ? lines[4] : isLastCounty ? filled.pop() : undefined;
  const town = isFull ? lines[3] : filled.length > 1 ? filled.pop() : undefined;
  const [first, ...between] = filled;
  return {
    addressLine1: first,
    addressLine2: between.length > 0 ? between.join(", ") : undefined,
    town: town || undefined,
    county: county || undefined,
  };
}

/** The lines of canonical fields, empty ones left out as FHIR has it. */
export const linesOf = ({ addressLine1, addressLine2, town, county }: AddressParts): string[] =>
  [addressLine1, addressLine2, town, county].filter((line) => line !== undefined);
