// When an ADT event happened, as an instant that later and earlier statements can be ordered by.

import { type Message, parseTimestamp, timestampToInstant } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";

/** Event occurred, event recorded, message written: what is nearest to the event is asked first. */
const paths = ["EVN-6", "EVN-2", "MSH-7"] as const;
const fine = new Set(["second", "fraction"]);
const dayMs = 86_400_000;

/**
 * The event's instant as ISO 8601 in UTC. The first field written to the second or finer counts, as only such times order
 * the messages of a busy patient; where there is none, the first written to the minute. A local time is of `zone`.
 *
 * Throws `HL7_REQUIRED_FIELD` at `EVN-2` if no field has a time; `HL7_BAD_VALUE` at the field if it is no timestamp, if all
 * are coarser than a minute, or if it lies more than a day past `today`: a far future time would outrank all that follows.
 */
export function eventInstantOf(message: Message, today: string, zone: string): string {
  const times = paths.flatMap((at) => {
    const text = message.get(`${at}.1`)?.trim();
    if (!text) return [];
    const timestamp = parseTimestamp(text);
    if (timestamp === undefined) throw new LockgateError("HL7_BAD_VALUE", { at });
    return [{ at, text, precision: timestamp.precision }];
  });
  const first = times[0];
  if (first === undefined) throw new LockgateError("HL7_REQUIRED_FIELD", { at: "EVN-2" });
  const best =
    times.find(({ precision }) => fine.has(precision)) ?? times.find(({ precision }) => precision === "minute");
  const instant = best && timestampToInstant(best.text, zone);
  if (instant === undefined) throw new LockgateError("HL7_BAD_VALUE", { at: first.at });
  if (instant >= Date.parse(today) + 2 * dayMs) throw new LockgateError("HL7_BAD_VALUE", { at: best?.at ?? first.at });
  return new Date(instant).toISOString();
}
