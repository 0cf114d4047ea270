// The account after a storm: every acknowledged message against what the platform says of it and what NAV truly holds.

import pg from "pg";
import type { DatabaseAddress } from "#kernel/db";
import type { LedgerEntry } from "../../doubles/nav/index.ts";
import type { NavRecord } from "../journeys/platform-rig.ts";
import type { Fed } from "./feed.ts";

/** What became of one journey by the platform's own word. */
export type JourneyEnd = {
  readonly journeyId: string;
  readonly controlId: string;
  /** Outcomes of its `completed` milestones: one, for a message that went through. */
  readonly completed: readonly string[];
  /** Reason of its dead letter. */
  readonly dead: string | null;
};

/** Reads every journey's end with the auditor's rights. */
export async function journeyEnds(auditor: DatabaseAddress): Promise<JourneyEnd[]> {
  const client = new pg.Client({ ...auditor });
  await client.connect();
  try {
    const { rows } = await client.query<JourneyEnd>(
      `select i.journey_id as "journeyId", i.control_id as "controlId",
        coalesce((select array_agg(l.body::json ->> 'outcome') from audit.leaf l
          where l.journey_id = i.journey_id and l.body::json ->> 'name' = 'completed'), '{}') as completed,
        (select max(p.reason) from backbone.parked p where p.journey_id = i.journey_id and p.state = 'dead') as dead
      from channels.intake i`,
    );
    return rows;
  } finally {
    await client.end();
  }
}

export type Evidence = {
  readonly sent: readonly Fed[];
  /** MSA-1 by control id, of every answer the sender took as final. */
  readonly answers: ReadonlyMap<string, string>;
  readonly ends: readonly JourneyEnd[];
  readonly ledger: readonly LedgerEntry[];
  readonly records: readonly NavRecord[];
};

/** Every way in which the evidence breaks a promise, in words; and the sums. */
export function account({ sent, answers, ends, ledger, records }: Evidence) {
  const faults: string[] = [];
  const sums = { acked: 0, applied: 0, superseded: 0, unchanged: 0, dead: 0 };
  const byControlId = Map.groupBy(ends, ({ controlId }) => controlId);
  const ours = ledger.filter(({ idempotencyKey, entity }) => idempotencyKey !== null && entity === "patients");
  const written = Map.groupBy(ours, ({ idempotencyKey }) => idempotencyKey!);
  for (const [key, entries] of written)
    if (entries.length > 1) faults.push(`${key} was written ${entries.length} times`);
  // A key begins with the journey that it is of.
  const writers = new Set([...written.keys()].map((key) => key.split(":")[0]));

  const known = new Set(records.filter(({ mrn }) => sent.some((one) => one.mrn === mrn)).map(({ number }) => number));
  for (const { kind, key } of ours)
    if (kind === "insert" && !known.has(key)) faults.push(`${key} was inserted and is nobody's`);

  for (const message of sent) {
    const code = answers.get(message.controlId);
    if (code !== (message.isValid ? "AA" : "AE")) faults.push(`${message.controlId} was answered ${code}`);
    if (code === "AA") sums.acked += 1;
    const [end, ...more] = byControlId.get(message.controlId) ?? [];
    if (!end || more.length > 0) {
      faults.push(`${message.controlId} was taken in ${end ? more.length + 1 : 0} times`);
      continue;
    }
    const [outcome, ...others] = end.completed;
    if (end.dead) {
      sums.dead += 1;
      if (message.isValid) faults.push(`${message.controlId} is a dead letter: ${end.dead}`);
    } else if (outcome === undefined) faults.push(`${message.controlId} came to no end`);
    else if (others.length > 0) faults.push(`${message.controlId} ended more than once`);
    else if (outcome in sums) sums[outcome as "applied"] += 1;
    else faults.push(`${message.controlId} ended as ${outcome}, and nobody was there to decide so`);
    if (outcome === "applied" && !writers.has(end.journeyId))
      faults.push(`${message.controlId} is called applied and is not in the ledger`);
  }
  for (const [mrn, messages] of Map.groupBy(
    sent.filter(({ isValid }) => isValid),
    (message) => message.mrn,
  )) {
    faults.push(
      ...patientFaults(
        mrn,
        messages,
        records.filter((record) => record.mrn === mrn),
        ours,
      ),
    );
  }
  return { faults, sums };
}

function patientFaults(
  mrn: string,
  messages: readonly Fed[],
  records: readonly NavRecord[],
  ledger: readonly LedgerEntry[],
): string[] {
  const [record] = records;
  if (!record || records.length > 1) return [`${mrn} has ${records.length} records`];
  const faults: string[] = [];
  const entries = ledger.filter(({ key }) => key === record.number);
  if (entries.filter(({ kind }) => kind === "insert").length !== 1) faults.push(`${mrn} was not inserted once`);
  for (const [field, said] of [
    ["addressLine1", (message: Fed) => message.addressLine1],
    ["phoneNumber", (message: Fed) => message.phone],
  ] as const) {
    const times = new Map(
      messages.flatMap((message) => (said(message) ? [[said(message)!, message.at] as const] : [])),
    );
    const newest = [...times].reduce<readonly [string, number] | undefined>(
      (best, one) => (best && best[1] > one[1] ? best : one),
      undefined,
    );
    if (newest && plain(record[field]) !== plain(newest[0])) faults.push(`${mrn}: ${field} is not the newest`);
    const order = entries.flatMap(({ changes }) => {
      const to = changes[field]?.to;
      const at = [...times].find(([value]) => plain(value) === plain(String(to)))?.[1];
      return to === undefined ? [] : [at ?? Number.NaN];
    });
    if (order.some((at, index) => !(index === 0 || at > order[index - 1]!)))
      faults.push(`${mrn}: ${field} went backwards`);
  }
  return faults;
}

/** NAV keeps a telephone number in its international form. */
const plain = (text: string | undefined): string => (text ?? "").replace(/^\+44/, "0").replaceAll(" ", "");
