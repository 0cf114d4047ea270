// When something happened as a message states it, in the first of several fields that tells it well enough.

import { type Message, parseTimestamp, timestampToInstant } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";

const fine = new Set(["second", "fraction"]);
const dayMs = 86_400_000;

/** Where a time may stand, and how it is read. */
export type StatedTime = {
  /** What is nearest to the event comes first. */
  readonly paths: readonly string[];
  /** The field that is missing where none of them has a time. */
  readonly required: string;
  /** ISO date. */
  readonly today: string;
  /** The IANA name of the zone that times without an offset are in. */
  readonly zone: string;
};

/**
 * The instant as ISO 8601 in UTC. The first field written to the second or finer counts, as only such times order messages that
 * come close together; where there is none, the first written to the minute.
 *
 * Throws `HL7_REQUIRED_FIELD` at `required` if no field has a time; `HL7_BAD_VALUE` at the field if it is no timestamp, if all
 * are coarser than a minute, or if it lies more than a day past `today`: a far future time would outrank all that follows.
 */
export function statedInstantOf(message: Message, { paths, required, today, zone }: StatedTime): string {
  const times = paths.flatMap((at) => {
    const text = message.get(`${at}.1`)?.trim();
    if (!text) return [];
    const timestamp = parseTimestamp(text);
    if (timestamp === undefined) throw new LockgateError("HL7_BAD_VALUE", { at });
    return [{ at, text, precision: timestamp.precision }];
  });
  const first = times[0];
  if (first === undefined) throw new LockgateError("HL7_REQUIRED_FIELD", { at: required });
  const best =
    times.find(({ precision }) => fine.has(precision)) ?? times.find(({ precision }) => precision === "minute");
  const instant = best && timestampToInstant(best.text, zone);
  if (instant === undefined) throw new LockgateError("HL7_BAD_VALUE", { at: first.at });
  if (instant >= Date.parse(today) + 2 * dayMs) throw new LockgateError("HL7_BAD_VALUE", { at: best?.at ?? first.at });
  return new Date(instant).toISOString();
}
