// Any sequence of deeds: held against a model of a few lines, and to what must never happen.

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Decider } from "#engine/work";
import { anna, at, BEGUN_AT, ben, carol, type Desk, dan, openDesk } from "./desk.ts";

const EXPIRES_AFTER_MS = 100;
const CLOSED = ["decided", "expired", "withdrawn"];

type Choice = {
  readonly deed: "decide";
  readonly who: Decider;
  readonly action: "approve" | "refuse";
  readonly stale: boolean;
};
type Deed =
  | { readonly deed: "claim" | "release" | "comment" | "escalate"; readonly who: Decider }
  | Choice
  | { readonly deed: "wait"; readonly forMs: number }
  | { readonly deed: "withdraw" };

const who = fc.constantFrom(anna, ben, carol, dan);
const deeds = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ deed: fc.constantFrom("claim", "release", "comment", "escalate"), who }) },
    {
      weight: 5,
      arbitrary: fc.record({
        deed: fc.constant("decide"),
        who,
        action: fc.constantFrom("approve", "approve", "approve", "refuse"),
        stale: fc.integer({ min: 0, max: 4 }).map((number) => number === 0),
      }),
    },
    { weight: 2, arbitrary: fc.record({ deed: fc.constant("wait"), forMs: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 1, arbitrary: fc.record({ deed: fc.constant("withdraw") }) },
  ) as fc.Arbitrary<Deed>,
  { maxLength: 14 },
);

/** One sequence for each end, so that every run sees all of them. */
const ends: [Deed[], number][] = [
  [[], 1],
  [[{ deed: "wait", forMs: EXPIRES_AFTER_MS }], 1],
  [[{ deed: "withdraw" }], 1],
  [[anna, ben].map((decider) => ({ deed: "decide", who: decider, action: "approve", stale: false })), 2],
];

/** What should become of an item that carol proposed, that two stewards approve, and that anybody refuses. */
function model(quorum: number) {
  const choices = { approve: new Set<string>(), refuse: new Set<string>() };
  let state = "open";
  let owner: string | undefined;
  let elapsedMs = 0;
  const give = (next: string, to: string | undefined): string => {
    state = next;
    owner = to;
    return "ok";
  };
  const decide = (deed: Choice): string => {
    const { name, roles } = deed.who;
    if (name === carol.name || (deed.action === "approve" && !roles.includes("steward"))) return "WORK_FORBIDDEN";
    if (deed.stale) return "WORK_STALE";
    const chosen = choices[deed.action].add(name).size;
    if (chosen < (deed.action === "approve" ? quorum : 1)) return give("open", undefined);
    state = "decided";
    return "ok";
  };
  return {
    state: () => state,
    apply(deed: Deed): string {
      if (deed.deed === "wait") {
        elapsedMs += deed.forMs;
        if (!CLOSED.includes(state) && elapsedMs >= EXPIRES_AFTER_MS) state = "expired";
        return "ok";
      }
      if (deed.deed === "withdraw") {
        if (!CLOSED.includes(state)) state = "withdrawn";
        return "ok";
      }
      const isOthers = owner !== undefined && owner !== deed.who.name;
      if (CLOSED.includes(state)) return "WORK_STATE";
      if (deed.deed === "comment") return "ok";
      if (deed.deed === "escalate") return give("open", undefined);
      if (isOthers) return "WORK_STATE";
      if (deed.deed === "claim") return give("claimed", deed.who.name);
      if (deed.deed === "release") return owner === undefined ? "WORK_STATE" : give("open", undefined);
      return deed.deed === "decide" ? decide(deed) : "ok";
    },
  };
}

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

async function carryOut(item: { id: string; digest: string }, deed: Deed): Promise<void> {
  const { work } = desk;
  if (deed.deed === "wait") {
    await desk.clock.advance(deed.forMs);
    await work.tick();
  } else if (deed.deed === "withdraw") await desk.db.transaction((tx) => work.withdraw(tx, item.id, "not needed"));
  else if (deed.deed === "decide")
    await work.decide(item.id, deed.who, {
      action: deed.action,
      digest: deed.stale ? "0".repeat(64) : item.digest,
    });
  else if (deed.deed === "comment" || deed.deed === "escalate") await work[deed.deed](item.id, deed.who, "so");
  else await work[deed.deed](item.id, deed.who);
}

test("no sequence of deeds gives two outcomes, lets one person fill a quorum, or opens what is closed", async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(deeds, fc.integer({ min: 1, max: 3 }), async (sequence, quorum) => {
      const startMs = desk.clock.now() - BEGUN_AT;
      const item = await desk.open({
        excluded: [carol.name],
        dueAt: at(startMs + EXPIRES_AFTER_MS / 2),
        expiresAt: at(startMs + EXPIRES_AFTER_MS),
        actions: [
          { name: "approve", quorum, roles: ["steward"] },
          { name: "refuse", quorum: 1, roles: [] },
        ],
      });
      const expected = model(quorum);
      for (const deed of sequence) {
        const before = (await desk.now(item.id)).state;
        const result = await carryOut(item, deed).then(
          () => "ok",
          ({ code }: { code: string }) => code,
        );
        const after = (await desk.now(item.id)).state;
        expect(result).toBe(expected.apply(deed));
        expect(after).toBe(expected.state());
        if (CLOSED.includes(before)) expect(after).toBe(before);
      }
      await heldTo(item, quorum, reached);
    }),
    { numRuns: 60, examples: ends },
  );
  expect([...reached].sort()).toEqual(["decided", "expired", "open", "withdrawn"]);
}, 60_000);

/** What must hold of any item, however it came to be as it is. */
async function heldTo(item: { id: string; journeyId: string }, quorum: number, reached: Set<string>): Promise<void> {
  const { state } = await desk.now(item.id);
  reached.add(state === "claimed" ? "open" : state);
  const history = await desk.history(item.id);
  const told = await desk.told(item.journeyId);
  expect(history.filter(({ deed }) => CLOSED.includes(deed)).map(({ deed }) => deed)).toEqual(
    CLOSED.includes(state) ? [state] : [],
  );
  expect(told).toHaveLength(state === "decided" || state === "expired" ? 1 : 0);
  if (state !== "decided") return;
  const { action, by } = told[0]!;
  const names = by.map(({ name }) => name);
  expect(new Set(names).size).toBe(action === "approve" ? quorum : 1);
  expect(names).toHaveLength(action === "approve" ? quorum : 1);
  expect(names).not.toContain(carol.name);
}
