// Dry runs: what a changed channel would have made otherwise of what came, and nothing of what it says.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backbone, openBackbone } from "#engine/backbone";
import {
  type ChannelDefinition,
  type Channels,
  type DryRun,
  dryRun,
  type Inlet,
  keepVersion,
  openChannels,
  readDryRuns,
  recordDryRun,
} from "#engine/channels";
import { systemClock } from "#kernel/clock";
import { openDatabase } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { type TestDatabase, testDatabase } from "../../database.ts";

/** What every message says, and nobody may be told of a dry run. */
const MARK = "Markfield";
const HOUR_MS = 3_600_000;

type Said = { readonly n: number; readonly name: string; readonly kind: "good" | "bad" | "silent" };
type Made = { readonly number: number; readonly by: { readonly name: string }; readonly list: readonly number[] };
type Definition = ChannelDefinition<Said, Made>;

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const onward = (to: string, made: unknown) => ({ to, body: json(made), contentType: "application/json" });

const deployed: Definition = {
  name: "parcels",
  source: { connector: "memory", settings: {} },
  format: { contentType: "application/json", parse: (bytes) => JSON.parse(Buffer.from(bytes).toString()) },
  session: ({ name }) => name,
  keys: ({ name }) => [{ kind: "name", value: name }],
  filter: ({ kind }) => kind !== "silent",
  transform({ n, name, kind }) {
    if (kind === "bad") throw new LockgateError("PERSON_INVALID", { at: "depot", reason: "DQ-NHS-003" });
    return { number: n, by: { name }, list: [n] };
  },
  route: (made) => [onward("made", made)],
  destinations: { made: { kind: "topic", topic: "parcel.made" }, other: { kind: "topic", topic: "parcel.other" } },
};

const GOOD = 118;
const SENT: readonly Said[] = [
  ...Array.from({ length: GOOD }, (_, n): Said => ({ n, name: MARK, kind: "good" })),
  { n: 900, name: MARK, kind: "bad" },
  { n: 901, name: MARK, kind: "bad" },
  { n: 902, name: MARK, kind: "silent" },
];

let database: TestDatabase;
let backbone: Backbone;
let channels: Channels;
let begun: Date;
const journeys = new Map<number, string>();

beforeAll(async () => {
  begun = new Date(Date.now() - HOUR_MS);
  database = await testDatabase();
  const { db } = database;
  const ground = { db, clock: systemClock, log: openLog("silent") };
  backbone = await openBackbone({ ...ground, node: newId(), keepMs: 24 * HOUR_MS });
  let inlet: Inlet | undefined;
  channels = await openChannels([deployed as ChannelDefinition], {
    ...ground,
    backbone,
    environment: "test",
    sources: {
      async memory(_, own) {
        inlet = own;
        return { address: "memory", close: async () => {} };
      },
    },
    senders: {},
    duplicateWindowMs: HOUR_MS,
  });
  for (const said of SENT) {
    const { journeyId } = await inlet!.receive({ bytes: json(said), sender: "depot", controlId: `${said.n}` });
    journeys.set(said.n, journeyId);
  }
});
afterAll(async () => {
  await channels.close();
  await backbone.close();
  await database.drop();
});

const run = (changed: Partial<Definition>, stretch: { since?: Date; until?: Date } = {}) =>
  dryRun(database.db, {
    deployed: deployed as ChannelDefinition,
    tried: { ...deployed, ...changed } as ChannelDefinition,
    environment: "test",
    since: begun,
    until: new Date(Date.now() + HOUR_MS),
    ...stretch,
  });

/** A definition whose onward messages are changed. */
const routed = (change: (made: Made) => ReturnType<typeof onward>[]): Partial<Definition> => ({ route: change });

describe("a dry run", () => {
  test("finds nothing in a text that comes to the same, and tells what could not be judged again", async () => {
    expect(await run({})).toEqual({
      received: SENT.length,
      messages: GOOD + 2,
      changed: 0,
      byKind: {},
      byPath: {},
      differences: [],
    });
  });

  test("looks at the stretch of time that was asked for and no further", async () => {
    const later = new Date(Date.now() + HOUR_MS);
    expect(await run({}, { since: later })).toMatchObject({ received: 0, messages: 0 });
    expect(await run({}, { until: begun })).toMatchObject({ received: 0, messages: 0 });
  });

  test.each<[string, Partial<Definition>, number, object]>([
    [
      "a rule that is stricter",
      {
        transform(said, context) {
          if (said.n < 3) throw new LockgateError("PERSON_INVALID", { at: "weight", reason: "RC-401" });
          return deployed.transform(said, context);
        },
      },
      3,
      { kind: "refused", was: "accepted", would: "PERSON_INVALID at weight (RC-401)", paths: [] },
    ],
    [
      "a rule that is gone",
      { transform: ({ n, name }) => ({ number: n, by: { name }, list: [n] }) },
      2,
      { kind: "accepted", was: "PERSON_INVALID at depot (DQ-NHS-003)", would: "accepted", paths: [] },
    ],
    [
      "a rule that says it otherwise",
      {
        transform(said, context) {
          if (said.kind === "bad") throw new LockgateError("PERSON_INVALID", { at: "ZZZ-5.1" });
          return deployed.transform(said, context);
        },
      },
      2,
      { kind: "fault", would: "PERSON_INVALID at ZZZ-5.1" },
    ],
    [
      "an answer before the content is judged",
      { acknowledge: "stored" },
      2,
      { kind: "fault", would: "accepted, then PERSON_INVALID at depot (DQ-NHS-003)" },
    ],
    [
      "a fault of the code itself",
      {
        transform({ n }) {
          throw new TypeError(`${MARK} ${n}`);
        },
      },
      GOOD + 2,
      { kind: "fault", would: "CHANNEL_TRANSFORM_FAILED" },
    ],
    [
      "a result that is none",
      { route: () => "nothing" as never },
      GOOD,
      { kind: "refused", would: "CHANNEL_TRANSFORM_FAILED" },
    ],
    [
      "a filter that lets less through",
      { filter: ({ n }) => n !== 5 },
      1,
      { kind: "count", was: "1", would: "0", paths: [] },
    ],
    [
      "another destination",
      routed((made) => [onward(made.number < 4 ? "other" : "made", made)]),
      4,
      { kind: "destination", was: "parcel.made", would: "parcel.other" },
    ],
    [
      "another session",
      { session: ({ n }) => (n === 1 ? "one" : MARK) },
      1,
      { kind: "session", was: null, would: null },
    ],
    ["other keys", { keys: () => [] }, GOOD, { kind: "keys", was: "1", would: "0" }],
    [
      "other content",
      routed(({ number, by }) => [
        onward("made", { number, by: { name: by.name.toUpperCase() }, list: [-1], more: 1 }),
      ]),
      GOOD,
      { kind: "content", was: null, would: null, paths: ["by.name", "list[]", "more"] },
    ],
  ])("tells of %s", async (_, changed, count, change) => {
    const { changed: total, byKind, byPath, differences } = await run(changed);
    expect(total).toBe(count);
    const told = differences.flatMap(({ changes }) => changes);
    expect(told).toContainEqual(expect.objectContaining(change));
    for (const kind of new Set(told.map((one) => one.kind)))
      expect(byKind[kind]).toBe(told.filter((one) => one.kind === kind).length);
    for (const path of told[0]!.paths) expect(byPath[path]).toBe(count);
  });

  test("names the journeys, the newest first", async () => {
    const { differences } = await run({ filter: ({ n }) => n !== 7 && n !== 70 });
    expect(differences.map(({ journeyId }) => journeyId)).toEqual([journeys.get(70), journeys.get(7)]);
  });
});

describe("what a dry run found", () => {
  /** Code that puts what the message says wherever words of its own belong. */
  const telltale: Partial<Definition> = {
    session: ({ name }) => `${name}-1`,
    keys: ({ name }) => [{ kind: name, value: name }],
    transform(said, context) {
      const { n, name } = said;
      if (n === 0) throw new LockgateError("PERSON_INVALID", { at: name, reason: name });
      if (n === 1) throw new LockgateError("PERSON_INVALID", { at: `by.${name.toLowerCase()}`, reason: `not ${name}` });
      if (n === 2) throw new Error(name);
      return { ...deployed.transform(said, context), [name]: { [`of ${name}`]: 1 } };
    },
    route: (made) => [{ ...onward(made.number === 3 ? MARK : "made", made), contentType: MARK }],
  };
  const digest = "0".repeat(64);
  const record = async (): Promise<DryRun> => {
    await keepVersion(database.db, "parcels", { digest, file: "parcels.channel.ts", text: "old" }, new Date());
    const made: DryRun = {
      id: newId(),
      at: new Date(),
      by: "command line",
      since: begun,
      until: new Date(),
      deployed: digest,
      digest: "1".repeat(64),
      file: "next.ts",
      text: "new",
      ...(await run(telltale)),
    };
    await recordDryRun(database.db, "parcels", made);
    return made;
  };

  test("is kept with the text, and says no word of any message, whatever the code does with it", async () => {
    const made = await record();
    expect(made.changed).toBe(GOOD);
    expect(made.differences.at(-1)!.changes[0]).toMatchObject({ would: "PERSON_INVALID at withheld (withheld)" });
    expect(made.differences.at(-4)!.changes).toContainEqual(
      expect.objectContaining({ kind: "destination", would: "nowhere" }),
    );
    expect(made.byPath).toMatchObject({ "*": GOOD - 3, "content type": GOOD - 3 });
    expect(await readDryRuns(database.db, "parcels", 5)).toContainEqual({ ...made, startedAt: null });
    const [row] = await database.db.query("select r::text as text from channels.dry_run r");
    const leaves = await database.db.query(`select body from audit.leaf where body like '%channel.tried%'`);
    expect(JSON.stringify(leaves)).toContain(made.id);
    expect(JSON.stringify([made, row, leaves]).toLowerCase()).not.toContain(MARK.toLowerCase());
  });

  test("stays as it was found: the platform may not change or delete it, the auditor may read it", async () => {
    await record();
    await expect(database.db.query("update channels.dry_run set changed = 0")).rejects.toThrow(/permission denied/);
    await expect(database.db.query("delete from channels.dry_run")).rejects.toThrow(/permission denied/);
    const auditor = openDatabase(database.as("lockgate_auditor"), 1);
    try {
      expect(await auditor.query("select id from channels.dry_run")).not.toHaveLength(0);
      await expect(auditor.query("insert into channels.dry_run select * from channels.dry_run")).rejects.toThrow(
        /permission denied/,
      );
    } finally {
      await auditor.close();
    }
  });

  test("says when the text was started, once it was", async () => {
    const { digest: tried, file, text, id } = await record();
    const at = new Date();
    await keepVersion(database.db, "parcels", { digest: tried, file, text }, at);
    expect((await readDryRuns(database.db, "parcels", 5)).find((one) => one.id === id)).toMatchObject({
      startedAt: at,
    });
  });
});
