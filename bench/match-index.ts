// One record at a time against the index of persons: how long, how much CPU, how many candidates, how large.
//
// An embedded PostgreSQL with the platform's settings; CPU is of Node and the server together. Of the records three in ten are
// of strangers; the others are of persons of the index as a message may bring them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PersonChanges } from "#canonical/model";
import { systemClock } from "#kernel/clock";
import { type Db, openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { openPersonMatching, readMatchRules, readModel } from "#services/matching";
import { onFreshDatabase } from "./fresh-database.ts";
import { knownVault } from "./known-vault.ts";
import { asSent, fractions, namesSet, peopleOf } from "./match-people.ts";
import { hasSet } from "./matching-sets.ts";
import { cpuMsPerMessage, othersCores, report, usage, type Watched } from "./measure.ts";

const POPULATIONS = [100_000, 1_000_000];
const BATCH = 2_000;
const LOADING_AT_ONCE = 2;
const WARM_UP = 2_000;
const ONE_AT_A_TIME = 4_000;
const TOGETHER = 16_000;
const AT_ONCE = 64;
const CONNECTIONS = 10;

const resource = (name: string): string =>
  readFileSync(join(import.meta.dirname, "../resources/matching", name), "utf8");
const rules = readMatchRules(resource("rules.yaml"));
const open = (db: Db) =>
  openPersonMatching({
    db,
    clock: systemClock,
    environment: "test",
    model: readModel(resource("uk.json")),
    rules: { current: async () => rules },
  });

type Matching = ReturnType<typeof open>;

/** Rows first and the key's index after: sorted once it takes a fraction of the time. */
async function load(db: Db, matching: Matching, people: Iterable<PersonChanges>): Promise<void> {
  await db.query("alter table matching.key drop constraint key_pkey");
  const under: Promise<void>[] = [];
  const keep = (batch: readonly PersonChanges[]) =>
    db.transaction(
      (tx) =>
        matching.keep(
          tx,
          batch.map((fields) => ({ personId: newId(), fields })),
        ),
      { durable: false },
    );
  for (const batch of batches(people)) {
    if (under.length >= LOADING_AT_ONCE) await under.shift();
    under.push(keep(batch));
  }
  await Promise.all(under);
  await db.query("alter table matching.key add constraint key_pkey primary key (key, person_id)");
  await db.query("vacuum analyze matching.key, matching.person");
}

function* batches(people: Iterable<PersonChanges>): Generator<PersonChanges[]> {
  let batch: PersonChanges[] = [];
  for (const person of people) {
    batch.push(person);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const rounded = (value: number): number => Number(value.toFixed(3));

/** Runs matches, so many at a time; how long each took in milliseconds, and what came out. */
async function run(matching: Matching, records: readonly PersonChanges[], atOnce: number) {
  const tookMs: number[] = [];
  const decisions = { link: 0, review: 0, none: 0 };
  let [next, candidates] = [0, 0];
  const one = async () => {
    for (let at = next++; at < records.length; at = next++) {
      const startedAt = performance.now();
      const { decision, candidates: shown } = await matching.match(records[at]!);
      tookMs.push(performance.now() - startedAt);
      decisions[decision] += 1;
      candidates += shown.length;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return { tookMs: tookMs.sort((a, b) => a - b), candidates: rounded(candidates / records.length), ...decisions };
}

async function measure(db: Db, population: number, watched: Watched): Promise<void> {
  const person = peopleOf(population);
  const matching = open(db);
  function* everybody() {
    for (let number = 0; number < population; number += 1) yield person(number);
  }
  const loadedAt = performance.now();
  await load(db, matching, everybody());
  const loadSeconds = rounded((performance.now() - loadedAt) / 1_000);
  const next = fractions(7);
  const drawn = () => person(Math.floor(next() * population));
  const records = (count: number) =>
    Array.from({ length: count }, () =>
      next() < 0.3 ? person(population + Math.floor(next() * population)) : asSent(drawn(), next, drawn()),
    );
  const single = open(db); // counts anew, now that everybody is there
  await run(single, records(WARM_UP), 8);
  for (const [count, atOnce] of [
    [ONE_AT_A_TIME, 1],
    [TOGETHER, AT_ONCE],
  ] as const) {
    const wanted = records(count);
    const before = usage(watched);
    const { tookMs, ...found } = await run(single, wanted, atOnce);
    const after = usage(watched);
    const quantile = (share: number) => rounded(tookMs[Math.floor(tookMs.length * share)]!);
    report({
      bench: "match-index",
      case: atOnce === 1 ? "one at a time" : `${atOnce} at once`,
      population,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
      mostMs: quantile(0.99999),
      perSecond: Math.round((count * 1_000) / (after.atMs - before.atMs)),
      cpuMsPerMatch: cpuMsPerMessage(before, after, count),
      others: othersCores(before, after),
      ...found,
    });
  }
  report({ bench: "match-index", case: "the index", population, loadSeconds, ...(await sizes(db)) });
}

async function sizes(db: Db) {
  const [row] = await db.query<Record<string, number>>(
    `select (select count(*) from matching.key) as keys,
      pg_total_relation_size('matching.key') / 1048576 as "keysMb",
      pg_total_relation_size('matching.person') / 1048576 as "personsMb"`,
  );
  return row!;
}

if (hasSet(namesSet))
  for (const population of POPULATIONS)
    await onFreshDatabase(async (owner, postmaster) => {
      const db = openDatabase(owner, CONNECTIONS, knownVault);
      try {
        await measure(db, population, { node: process.pid, postmaster, rig: [] });
      } finally {
        await db.close();
      }
    });
else process.stderr.write(`match-index: the data set "${namesSet.name}" is not there; left out.\n`);
