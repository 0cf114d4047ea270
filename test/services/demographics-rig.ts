// What the tests of demographics share: a node with its sagas, between an ERP and a national service in memory.

import { readFileSync } from "node:fs";
import { afterEach, beforeEach } from "vitest";
import type {
  ErpPatients,
  NationalAnswer,
  NationalDemographics,
  NationalQuery,
  PatientValues,
  PersonMatching,
} from "#canonical/contracts";
import type { PersonChanges, PersonMerge, PersonUpdate } from "#canonical/model";
import { type Backbone, openBackbone } from "#engine/backbone";
import { type InstanceWithJournal, openSagas, type Sagas } from "#engine/sagas";
import { type Item, openWork, type RunningWork } from "#engine/work";
import { type Held, openPace, openWriteback, type Target, type Values } from "#engine/writeback";
import { systemClock } from "#kernel/clock";
import { type Db, openDatabase } from "#kernel/db";
import { type ErrorCode, LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { mergeSaga, openPersons, type Persons, unmergeSaga, updateSaga, WRITE_SETTLED } from "#services/demographics";
import { matchOutcomes, openPersonMatching, readMatchRules, readModel } from "#services/matching";
import { type FoundByIdentifier, findByIdentifiers } from "../../src/services/demographics/store.ts";
import { type TestDatabase, testDatabase } from "../database.ts";
import { fakeTarget } from "../engine/writeback/fake-target.ts";
import { until } from "../until.ts";
import { peek, testVault } from "../vault.ts";
import { rulesOfTests } from "./rules-of-tests.ts";

const resource = (name: string): string => readFileSync(`resources/matching/${name}`, "utf8");
const model = readModel(resource("uk.json"));
const matchRules = { current: async () => readMatchRules(resource("rules.yaml")) };
const AUTHORITY = "TRUST";

/** A national service that knows whom it is told of, and fails as it is told. */
export function fakeNational() {
  const answers = new Map<string, NationalAnswer>();
  const requests: { requestId: string; by: string }[] = [];
  const failures: ErrorCode[] = [];
  let traced: NationalAnswer = { outcome: "none" };
  const asked = (requestId: string, by: string): void => {
    requests.push({ requestId, by });
    const failure = failures.shift();
    if (failure) throw new LockgateError(failure, { retryAfterMs: 20 });
  };
  const port: NationalDemographics = {
    name: "national",
    async retrieve(nhsNumber, requestId) {
      asked(requestId, "number");
      return answers.get(nhsNumber) ?? { outcome: "none" };
    },
    async trace(_query: NationalQuery, requestId) {
      asked(requestId, "demographics");
      return traced;
    },
    update: () => Promise.reject(new LockgateError("NATIONAL_REFUSED")),
  };
  return {
    port,
    requests,
    fail: (...codes: ErrorCode[]) => void failures.push(...codes),
    knows(nhsNumber: string, fields: PersonChanges, more: { restricted?: boolean; replaces?: string } = {}) {
      const record = {
        nhsNumber,
        version: "1",
        restricted: more.restricted ?? false,
        fields: { nhsNumber, ...fields },
      };
      answers.set(nhsNumber, { outcome: "found", record });
      if (more.replaces) answers.set(more.replaces, { outcome: "found", record, supersedes: more.replaces });
    },
    answers: (nhsNumber: string, answer: NationalAnswer) => void answers.set(nhsNumber, answer),
    traces: (answer: NationalAnswer) => {
      traced = answer;
    },
  };
}

/** An ERP's patients in memory, over a target of write-back. */
export function fakeErp() {
  const fake = fakeTarget("erp");
  const ids: string[] = [];
  const target: Target = {
    ...fake.target,
    async create(...call) {
      const held = await fake.target.create(...call).catch(async (thrown: unknown) => {
        const lost = await fake.target.findByIdempotencyKey(call[1], call[2]);
        if (lost) ids.push(lost.externalId);
        throw thrown;
      });
      ids.push(held.externalId);
      return held;
    },
  };
  const all = (): Held[] => ids.map(fake.held);
  const where = (keeps: (values: PatientValues) => boolean) =>
    all().filter(({ values }) => keeps(values as PatientValues));
  const port = {
    ...target,
    findByIdentifier: async ({ mrn, authority }: { mrn: string; authority: string }) =>
      where((one) => one.mrn?.toUpperCase() === mrn.toUpperCase() && one.mrnAuthority === authority),
    findByNhsNumber: async ({ nhsNumber }: { nhsNumber: string }) => where((one) => one.nhsNumber === nhsNumber),
    list: async function* () {
      yield* all();
    },
  } as unknown as ErpPatients;
  return {
    ...fake,
    target,
    port,
    /** A patient that the ERP had before we came. */
    existing(values: PatientValues): Held {
      const held = fake.existing(values as Values);
      ids.push(held.externalId);
      return held;
    },
    of: (mrn: string) => where((one) => one.mrn === mrn.toUpperCase()),
  };
}

type Node = {
  readonly backbone: Backbone;
  readonly work: RunningWork;
  readonly sagas: Sagas;
  readonly matching: PersonMatching;
  readonly persons: Persons;
};

async function openNode(
  db: Db,
  erp: ReturnType<typeof fakeErp>,
  national: ReturnType<typeof fakeNational>,
): Promise<Node> {
  const log = openLog("silent");
  const clock = systemClock;
  const backbone = await openBackbone({ db, node: newId(), clock, log, keepMs: 86_400_000 });
  const work = openWork({ db, backbone, clock, log });
  const writeback = openWriteback({
    db,
    backbone,
    clock,
    log,
    target: erp.target,
    tells: WRITE_SETTLED,
    concurrency: 8,
    pace: openPace(clock, 10_000),
  });
  const rules = await rulesOfTests();
  const matching: PersonMatching = {
    ...openPersonMatching({ db, clock, environment: "test", model, rules: matchRules }),
    ...matchOutcomes({ backbone, clock, rules: matchRules }),
  };
  const needs = { db, clock, erp: erp.port, writeback, national: national.port, matching, rules, work };
  const definitions = [updateSaga(needs), mergeSaga(needs), unmergeSaga(needs)];
  const sagas = openSagas({ db, backbone, clock, work, definitions });
  writeback.run();
  sagas.run();
  return { backbone, work, sagas, matching, persons: openPersons({ db, clock, backbone, matching }) };
}

/** A statement as a test makes one. */
export type Stated = {
  readonly mrn: string;
  readonly at: number;
  readonly fields: PersonChanges;
  readonly source?: string;
};

const update = ({ mrn, at, fields, source = "PAS|RXX" }: Stated): PersonUpdate => ({
  event: "A31",
  eventAt: new Date(at).toISOString(),
  source,
  identifiers: [{ system: AUTHORITY, value: mrn }],
  fields,
  raw: {},
  findings: [],
});

const key = (mrn: string) => ({ identifiers: [{ system: AUTHORITY, value: mrn }] });

/** People who decide. */
export const deciders = ["anna", "ben", "cleo"].map((name) => ({
  name,
  roles: ["approver", "steward", "demographics-approver", "demographics-steward", "data-steward"],
}));

/** A node of its own for each test. */
export function demographicsRig() {
  let database: TestDatabase;
  let db: Db;
  let node: Node;
  let erp: ReturnType<typeof fakeErp>;
  let national: ReturnType<typeof fakeNational>;
  beforeEach(async () => {
    database = await testDatabase();
    db = openDatabase(database.as("lockgate_app"), 10, testVault);
    erp = fakeErp();
    national = fakeNational();
    node = await openNode(db, erp, national);
  });
  afterEach(async () => {
    await node.backbone.close();
    await db.close();
    await database.drop();
  });

  const publish = async (topic: string, session: string, body: object): Promise<string> => {
    const journeyId = newId();
    await db.transaction((tx) =>
      node.backbone.publish(tx, [
        {
          topic,
          session,
          journeyId,
          body: Buffer.from(JSON.stringify(body)),
          contentType: "application/json",
          source: "test",
        },
      ]),
    );
    node.backbone.hint(topic);
    return journeyId;
  };
  const leaves = async (journeyId: string, name?: string) => {
    const rows = await database.db.query<{ body: string }>({
      text: "select body from audit.leaf where journey_id = $1 order by position",
      values: [journeyId],
    });
    const all = rows.map(
      ({ body }) =>
        JSON.parse(body) as { name: string; outcome: string; code?: string; part: string; detail?: { field?: string } },
    );
    return name === undefined ? all : all.filter((one) => one.name === name);
  };
  const instance = async (journeyId: string): Promise<InstanceWithJournal | undefined> => {
    const [one] = await node.sagas.ofJourney(journeyId);
    return one && node.sagas.instance(one.id);
  };
  const open = async (journeyId: string): Promise<Item | undefined> => {
    const items = await node.work.list({ journeyId, most: 5 });
    const item = items.find(({ state }) => state === "open");
    return item && node.work.show(item.id, deciders[0]!);
  };

  return {
    get erp() {
      return erp;
    },
    get national() {
      return national;
    },
    get db() {
      return database.db;
    },
    get matching() {
      return node.matching;
    },
    get work() {
      return node.work;
    },
    get persons() {
      return node.persons;
    },
    get sagas() {
      return node.sagas;
    },
    leaves,
    instance,
    /** Says something of a person; the journey it started. */
    say: (stated: Stated) => publish("person.updated", stated.mrn, update(stated)),
    /** Says that two local identifiers are one person. */
    merge: (survivor: string, retired: string, at: number, fields: PersonChanges = {}) =>
      publish("person.merged", survivor, {
        event: "A40",
        eventAt: new Date(at).toISOString(),
        source: "PAS|RXX",
        survivor: key(survivor),
        retired: key(retired),
        fields,
        raw: {},
        findings: [],
      } satisfies PersonMerge),
    /** The outcome of a journey's saga, once it has ended. */
    async ended(journeyId: string): Promise<string> {
      let outcome: string | undefined;
      await until(async () => {
        outcome = (await leaves(journeyId, "completed"))[0]?.outcome;
        return outcome !== undefined;
      });
      return outcome!;
    },
    /** The item that a journey waits for, once it does. */
    async asked(journeyId: string): Promise<Item> {
      let item: Item | undefined;
      await until(async () => {
        item = await open(journeyId);
        return item !== undefined;
      });
      return item!;
    },
    /** Chooses an action in the name of as many people as it takes. */
    async decide(item: Item, action: string): Promise<void> {
      const quorum = item.actions.find(({ name }) => name === action)?.quorum ?? 1;
      for (const decider of deciders.slice(0, quorum))
        await node.work.decide(item.id, decider, { action, digest: item.digest });
    },
    async person(mrn: string): Promise<FoundByIdentifier | undefined> {
      return (await findByIdentifiers(database.db, [`${AUTHORITY}:${mrn}`.toUpperCase()]))[0];
    },
    /** Every message of a topic, decoded. */
    async told(topic: string): Promise<unknown[]> {
      const rows = await database.db.query<{ body: Buffer }>({
        text: "select l.body from backbone.log l join backbone.topic t on t.id = l.topic where t.name = $1 order by l.position",
        values: [topic],
      });
      return rows.map(({ body }) => JSON.parse(peek(body)));
    },
  };
}
