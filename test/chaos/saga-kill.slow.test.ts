// The platform killed at every commit of a saga's journey and in every call on the way: each time it ends as if undisturbed.
//
// Where a journey can be stopped is told by an undisturbed run of it, so a new step is covered by itself.

import { afterAll, describe, expect, it } from "vitest";
import type { FaultInput } from "../../doubles/nav/index.ts";
import type { FaultInput as PdsFault } from "../../doubles/pds/index.ts";
import { until } from "../until.ts";
import type { Boundary, Fate } from "./boundaries.ts";
import { type Facts, factsOf } from "./saga-facts.ts";
import { type Journey, journeys } from "./saga-journeys.ts";
import { type SagaSite, startSagaSite } from "./saga-site.ts";

const FOREVER = 1_000_000;
/** Long enough for the platform to be killed meanwhile. */
const SLOW_MS = 400;
const fates: readonly Fate[] = ["taken back", "let through"];

/** What the doubles do wrong, in turn: the write of a case meets one, the national question the other. */
const navFaults: readonly FaultInput[] = (
  ["commitThenDrop", "commitThenError", "truncatedBody", "dropBeforeCommit", "lock", "unavailable"] as const
).map((kind) => ({ kind, times: 1, ...(kind === "truncatedBody" ? { match: { method: "PATCH" } } : {}) }));
const pdsFaults: readonly PdsFault[] = (
  ["dropAfterCommit", "truncatedBody", "unavailable", "html", "tokenExpired"] as const
).map((kind) => ({ kind, times: 1, retryAfterSeconds: 0 }));

/** Calls to NAV: searches, reads and writes of a record before it has done anything, and writes when it has. */
const navCalls = {
  navLookups: { kind: "slow", match: { entity: "$batch" } },
  nav: { kind: "slow", match: { entity: "patients" } },
  navWrites: { kind: "commitThenSlow", match: { entity: "patients" } },
} as const satisfies Record<string, FaultInput>;

/** Where one kind of journey can be stopped, and what it leaves behind undisturbed. */
type Course = {
  readonly boundaries: readonly Boundary[];
  readonly calls: {
    readonly navLookups: number;
    readonly nav: number;
    readonly navWrites: number;
    readonly pds: number;
  };
  readonly facts: Facts;
};

/** Plays a journey undisturbed and looks on. */
async function courseOf(site: SagaSite, journey: Journey): Promise<Course> {
  await site.prepare(journey);
  await site.boundaries.clear();
  await site.nav.faults(
    ...(["navLookups", "nav", "navWrites"] as const).map((of) => ({ ...navCalls[of], times: FOREVER })),
  );
  await site.pds.faults({ kind: "slow" });
  await site.play(journey);
  const boundaries = await site.boundaries.recorded();
  const [navLookups, nav, navWrites] = (await site.nav.fired()).map(({ fired }) => fired) as [number, number, number];
  const pds = (await site.pds.fired())[0]!.fired;
  await site.nav.faults();
  await site.pds.faults();
  return { boundaries, calls: { navLookups, nav, navWrites, pds }, facts: await factsOf(site, journey) };
}

/** Plays a journey and kills the platform once, when `stopped` says that it stands where it is wanted. */
async function playKilled(
  site: SagaSite,
  journey: Journey,
  stopped: () => Promise<void>,
  meanwhile?: () => Promise<void>,
) {
  const playing = site.play(journey);
  // It may be told before anybody waits for it.
  playing.catch(() => undefined);
  await Promise.race([stopped(), playing.then(() => Promise.reject(new Error("it ended without having been there")))]);
  await site.crash(meanwhile);
  await playing;
  await site.nav.faults();
  await site.pds.faults();
}

async function killInCommit(site: SagaSite, journey: Journey, boundary: Boundary, fate: Fate): Promise<void> {
  await site.boundaries.arm(boundary);
  await playKilled(site, journey, site.boundaries.reached, () => site.boundaries.release(fate));
}

/** Kills while the `nth` call is under way: before the double has done anything, or when it has and nobody was told. */
async function killInCall(site: SagaSite, journey: Journey, of: keyof Course["calls"], nth: number): Promise<void> {
  if (of === "pds") await site.pds.faults({ kind: "slow", every: nth, times: 1, delayMs: SLOW_MS });
  else await site.nav.faults({ ...navCalls[of], every: nth, times: 1, ms: SLOW_MS });
  const fired = async () => (of === "pds" ? await site.pds.fired() : await site.nav.fired())[0]!.fired > 0;
  await playKilled(site, journey, () => until(fired, 60_000));
}

/** As many journeys are killed side by side: each keeps a site of its own busy. */
const lanes: Promise<unknown>[] = Array.from({ length: 2 }, () => Promise.resolve());

/** Does `work` when the lane is free. */
function inLane(index: number, work: () => Promise<void>): Promise<void> {
  const own = index % lanes.length;
  const done = lanes[own]!.then(work);
  lanes[own] = done.catch(() => undefined);
  return done;
}

let runs = 0;
const sites: SagaSite[] = [];
afterAll(() => Promise.all(sites.map((site) => site.close())));

/** How many commits each kind of journey has, each request of a person among them: a figure to notice that it took another course. */
const expected: Readonly<Record<keyof typeof journeys, number>> = {
  "a new person": 5,
  "an address that is applied at once": 5,
  "a change of name that one person approves": 8,
  "a death that two people approve": 10,
  "a merge that two people approve": 12,
  "a twin of whom a steward says that it is somebody new": 8,
  "a change that is cancelled once part of it was written": 9,
};

describe.concurrent("killed with kill -9", () => {
  it.each(Object.entries(journeys).map(([name, tell], index) => [name, tell, index] as const))(
    "%s ends at every commit and in every call as if nothing had been",
    (name, tell, index) => inLane(index, () => killEverywhere(name, tell)),
  );
});

async function killEverywhere(name: string, tell: (number: number) => Journey): Promise<void> {
  const startedAt = Date.now();
  const site = await startSagaSite();
  sites.push(site);
  await site.start();
  await site.noSecondReviews();
  const fresh = (): Journey => {
    runs += 1;
    return tell(runs);
  };
  const course = await courseOf(site, fresh());
  let killed = 0;
  const attempt = async (where: string, play: (journey: Journey) => Promise<void>): Promise<void> => {
    const journey = fresh();
    killed += 1;
    try {
      await site.prepare(journey);
      await play(journey);
    } catch (thrown) {
      throw new Error(`killed at ${where}: ${(thrown as Error).message}`, { cause: thrown });
    }
    expect(await factsOf(site, journey), where).toEqual(course.facts);
  };
  for (const boundary of course.boundaries)
    for (const fate of fates)
      await attempt(`${boundary.label}, ${fate}`, (journey) => killInCommit(site, journey, boundary, fate));
  for (const of of ["pds", "navLookups", "nav", "navWrites"] as const)
    for (let nth = 1; nth <= course.calls[of]; nth += 1)
      await attempt(`${of} call ${nth}`, (journey) => killInCall(site, journey, of, nth));
  for (const [index, boundary] of course.boundaries.entries())
    await attempt(`${boundary.label}, with faults`, async (journey) => {
      await site.nav.faults(navFaults[index % navFaults.length]!);
      await site.pds.faults(pdsFaults[index % pdsFaults.length]!);
      await killInCommit(site, journey, boundary, fates[index % fates.length]!);
    });
  const { length: commits } = course.boundaries;
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  process.stdout.write(`killed ${JSON.stringify({ journey: name, commits, calls: course.calls, killed, seconds })}\n`);
  expect({
    left: await site.boundaries.sql(LEFT),
    discrepancies: (await site.reconcile()).discrepancies,
    verdict: await site.verifyAudit(),
  }).toMatchObject({
    left: [{ items: 0, parked: 0, sagas: 0 }],
    discrepancies: [],
    verdict: { intact: true, faults: [] },
  });
  expect(commits).toBe(expected[name as keyof typeof journeys]);
}

/** What waits for nobody any more and must not be there. */
const LEFT = `select (select count(*)::int from work.item where state in ('open', 'claimed')) as items,
  (select count(*)::int from backbone.parked) as parked,
  (select count(*)::int from saga.instance where status not in ('completed', 'cancelled')) as sagas`;
