// Published ADT messages of other projects: each gives a person or a coded error, never anything else.

import { describe, expect, it } from "vitest";
import { businessKeysOf, patientRecordFromPerson, personFromAdt, sessionOf } from "#canonical/maps";
import { type Message, parse } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";
import { hasPublishedMessages, publishedMessages } from "./published-messages.ts";

const options = { environment: "live", today: "2026-08-01" } as const;

/** What reading gave: `update`, `merge`, or the code of the error. Anything but a coded error goes on up. */
function outcomeOf(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof LockgateError) return error.code;
    throw error;
  }
}

function readAll(message: Message): string {
  sessionOf(message);
  businessKeysOf(message);
  const statement = personFromAdt(message, options);
  if (statement.kind === "update") patientRecordFromPerson(statement.update.fields, statement.update.identifiers);
  return statement.kind;
}

describe.skipIf(!hasPublishedMessages)("published ADT messages (../shared/data/hl7v2, or LOCKGATE_SHARED)", () => {
  it("each give an update, a merge or a coded error", () => {
    const outcomes = publishedMessages().map((bytes) =>
      outcomeOf(() => {
        const message = parse(bytes);
        return message.get("MSH-9.1") === "ADT" ? readAll(message) : "not ADT";
      }),
    );
    const count = (outcome: string) => outcomes.filter((other) => other === outcome).length;
    expect(count("update")).toBeGreaterThan(50);
    expect(count("merge")).toBeGreaterThan(2);
    expect(count("INTERNAL")).toBe(0);
  });
});
