// What `lockgate work groups` asks of the platform, and what it prints.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { followGroup, previewGroup, showGroup, startGroup, steerGroup } from "../../src/app/commands/work-groups.ts";
import { printed, startStandIn } from "./stand-in.ts";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const item = { id: "an-item", domain: "supply", queue: "supply", reason: "UNKNOWN_CODE", title: "No such item" };
const group = { id: ID, state: "running", targets: 3, digest: "d".repeat(64), actingBy: "trust:olive", lapsed: null };
const targets = [
  { nth: 1, itemId: "one", state: "done", code: null },
  { nth: 2, itemId: "two", state: "refused", code: "WORK_STATE" },
];

let standIn: Awaited<ReturnType<typeof startStandIn>>;
/** What was asked, as `METHOD path body`. */
let asked: string[];
/** How the group stands at each look, the last again and again. */
let standings: object[];
beforeEach(() => {
  asked = [];
  standings = [{ ...group, counts: { pending: 3 } }];
});
beforeAll(async () => {
  const now = () => (standings.length > 1 ? standings.shift()! : standings[0]!);
  standIn = await startStandIn((server) => {
    server.addHook("preHandler", async ({ method, url, body }) => {
      asked.push([method, url.replace("/ops/v1", ""), ...(body ? [JSON.stringify(body)] : [])].join(" "));
    });
    server.post("/ops/v1/work/list", async ({ body }) => ({
      items: (body as { id: string }).id === item.id ? [item] : [],
    }));
    server.post("/ops/v1/work-groups", async () => ({ group: now(), first: targets }));
    server.get("/ops/v1/work-groups/:id", async () => now());
    server.get("/ops/v1/work-groups/:id/items", async () => ({ items: targets }));
    for (const deed of ["start", "pause", "resume", "cancel"])
      server.post(`/ops/v1/work-groups/:id/${deed}`, async () => now());
  });
});
afterAll(() => standIn?.close());

describe("a group", () => {
  test("is previewed as everything that waits for the cause of one item, and says how it is started", async () => {
    const lines = await printed(() => previewGroup(standIn, { like: item.id, deed: "decide", action: "retry" }, false));
    const { id: _, ...filter } = item;
    expect(asked).toEqual([
      `POST /work/list {"id":"${item.id}"}`,
      `POST /work-groups ${JSON.stringify({ filter, deed: "decide", action: "retry" })}`,
    ]);
    expect(lines[0]).toBe("3 items of supply, UNKNOWN_CODE: No such item");
    expect(lines.at(-1)).toBe(`lockgate work groups start ${ID} --digest ${group.digest} --comment "…"`);
    await expect(previewGroup(standIn, { like: "none", deed: "claim" }, false)).rejects.toMatchObject({
      code: "WORK_UNKNOWN",
    });
  });

  test("is started by its digest and steered, each with how it stands", async () => {
    const lines = [
      ...(await printed(() => startGroup(standIn, ID, { digest: group.digest, comment: "known now" }, false))),
      ...(await printed(() => startGroup(standIn, ID, { digest: group.digest }, false))),
      ...(await printed(() => steerGroup(standIn, "pause", ID, false))),
    ];
    expect(asked).toEqual([
      `POST /work-groups/${ID}/start {"digest":"${group.digest}","comment":"known now"}`,
      `POST /work-groups/${ID}/start {"digest":"${group.digest}"}`,
      `POST /work-groups/${ID}/pause`,
    ]);
    expect(new Set(lines)).toEqual(new Set([`${ID}  running  3 items: 3 pending`]));
  });

  test("shows which items were not done, and why", async () => {
    const lines = await printed(() => showGroup(standIn, ID, false));
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      [ID, "running", "3 items: 3 pending"],
      ["nth", "item", "state", "why not"],
      ["2", "two", "refused", "WORK_STATE"],
    ]);
  });

  test.each([
    ["time", "eight hours are over"],
    ["roles", "trust:olive lost a role"],
  ])("that stopped by itself says why (%s), and that it can be taken on", async (lapsed, why) => {
    standings = [{ ...group, state: "paused", lapsed, counts: { pending: 2, done: 1 } }];
    expect((await printed(() => showGroup(standIn, ID, false)))[0]).toBe(
      `${ID}  paused  3 items: 2 pending, 1 done  stopped by itself: ${why}; resume it to take it on`,
    );
  });

  test("is followed while it runs, a line for each change", async () => {
    const begun = { ...group, counts: { pending: 2, done: 1 } };
    standings = [begun, begun, { ...group, state: "done", counts: { done: 3 } }];
    expect(await printed(() => followGroup(standIn, ID, false))).toEqual([
      `${ID}  running  3 items: 2 pending, 1 done`,
      `${ID}  done  3 items: 3 done`,
    ]);
  });
});
