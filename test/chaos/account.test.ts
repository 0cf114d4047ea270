// The account itself, seen red: it finds each way in which a storm can break a promise.

import { expect, it } from "vitest";
import type { LedgerEntry } from "../../doubles/nav/index.ts";
import { account, type Evidence, type JourneyEnd } from "./account.ts";
import type { Fed } from "./feed.ts";

const fed = (n: number, at: number, isValid = true): Fed => ({
  controlId: `C${n}`,
  mrn: "M1",
  at,
  addressLine1: `${n} Row`,
  isValid,
  bytes: "",
});
const end = (n: number, completed: string[], dead: string | null = null): JourneyEnd => ({
  journeyId: `j${n}`,
  controlId: `C${n}`,
  completed,
  dead,
});
const entry = (seq: number, n: number, kind: LedgerEntry["kind"] = "modify"): LedgerEntry => ({
  seq,
  at: "",
  company: "",
  kind,
  entity: "patients",
  key: "P1",
  user: "LOCKGATE",
  idempotencyKey: `j${n}:demographics.update:write`,
  changes: { addressLine1: { from: null, to: `${n} Row` } },
});

/** Three messages, the second late, and one that a person must look at. */
const sound: Evidence = {
  sent: [fed(1, 100), fed(3, 300), fed(2, 200), fed(4, 400, false)],
  answers: new Map([
    ["C1", "AA"],
    ["C2", "AA"],
    ["C3", "AA"],
    ["C4", "AE"],
  ]),
  ends: [end(1, ["applied"]), end(2, ["superseded"]), end(3, ["applied"]), end(4, [], "HL7_BAD_VALUE")],
  ledger: [entry(1, 1, "insert"), entry(2, 3)],
  records: [{ mrn: "M1", number: "P1", addressLine1: "3 Row" }],
};

it("finds nothing wrong with a sound run and sums it up", () => {
  expect(account(sound)).toEqual({
    faults: [],
    sums: { acked: 3, applied: 2, superseded: 1, unchanged: 0, dead: 1 },
  });
});

it.each<[string, Partial<Evidence>]>([
  ["a message nobody answered", { answers: new Map([...sound.answers].slice(1)) }],
  ["an acknowledged message that is gone", { ends: sound.ends.slice(1) }],
  ["a message taken in twice", { ends: [...sound.ends, { ...end(1, ["unchanged"]), journeyId: "j9" }] }],
  ["a message that somebody is said to have refused", { ends: [end(1, ["refused"]), ...sound.ends.slice(1)] }],
  ["a message that came to no end", { ends: [end(1, []), ...sound.ends.slice(1)] }],
  [
    "a good message among the dead letters",
    { ends: [...sound.ends.slice(0, 2), end(3, [], "INTERNAL"), sound.ends[3]!] },
  ],
  ["a change written twice", { ledger: [...sound.ledger, { ...entry(3, 3), changes: {} }] }],
  ["a change called applied that NAV never had", { ledger: sound.ledger.slice(0, 1) }],
  ["a second record of one person", { records: [...sound.records, { mrn: "M1", number: "P2" }] }],
  [
    "a second insert",
    { ledger: [...sound.ledger, { ...entry(3, 3, "insert"), idempotencyKey: "other", changes: {} }] },
  ],
  ["a record that is nobody's", { ledger: [...sound.ledger, { ...entry(3, 3, "insert"), key: "P9", changes: {} }] }],
  ["an older value that came last", { records: [{ ...sound.records[0], addressLine1: "2 Row" }] }],
  ["changes out of order", { ledger: [...sound.ledger, entry(3, 2)] }],
])("finds %s", (_, broken) => {
  expect(account({ ...sound, ...broken }).faults).not.toEqual([]);
});
