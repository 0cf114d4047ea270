// What the database itself refuses, whatever the code above it does.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Db, openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { anna, type Desk, openDesk } from "./desk.ts";

const DENIED = "42501";
const UNIQUE = "23505";
const CHECK = "23514";

describe("the database", () => {
  let desk: Desk;
  let auditor: Db;
  let owner: Db;
  let open: { id: string; digest: string };
  let closed: { id: string; digest: string };
  beforeAll(async () => {
    desk = await openDesk();
    auditor = openDatabase(desk.database.as("lockgate_auditor"), 1);
    owner = openDatabase(desk.database.as("lockgate_owner"), 1);
    open = await desk.open();
    await desk.work.decide(open.id, anna, { action: "approve", digest: open.digest });
    closed = await desk.open();
    await desk.work.decide(closed.id, anna, { action: "refuse", digest: closed.digest });
  });
  afterAll(async () => {
    await auditor.close();
    await owner.close();
    await desk.close();
  });

  const choice =
    "insert into work.history (item_id, at, deed, by, roles, action) values ($1, now(), $2, 'anna', '{}', 'approve')";

  test.each<[string, string, string]>([
    ["to change what is decided on", "update work.item set content = '{}' where id = $1", DENIED],
    ["to change who may not decide", "update work.item set excluded = '{}' where id = $1", DENIED],
    ["to change what may be chosen", "update work.item set actions = '[]' where id = $1", DENIED],
    ["to delete an item", "delete from work.item where id = $1", DENIED],
    ["to rewrite history", "update work.history set by = 'ben' where item_id = $1", DENIED],
    ["to delete history", "delete from work.history where item_id = $1", DENIED],
    ["a state that there is not", "update work.item set state = 'lost' where id = $1", CHECK],
    ["a claim of nobody", "update work.item set state = 'claimed', owner = null where id = $1", CHECK],
    ["a second choice of one person", choice.replace("$2", "'chose'"), UNIQUE],
  ])("refuses the platform %s", async (_, text, code) => {
    await expect(desk.db.query({ text, values: [open.id] })).rejects.toMatchObject({ code });
  });

  test.each<[string, string, string]>([
    ["to open it again", "update work.item set state = 'open' where id = $1", "LG002"],
    ["another owner", "update work.item set owner = 'ben' where id = $1", "LG002"],
    ["a second outcome", choice.replace("$2", "'expired'"), UNIQUE],
  ])("refuses a closed item %s", async (_, text, code) => {
    await expect(owner.query({ text, values: [closed.id] })).rejects.toMatchObject({ code });
  });

  test("opens no content in another item's place", async () => {
    const copy = newId();
    await desk.db.query({
      text: `insert into work.item (id, queue, domain, reason, criticality, title, journey_id, content, digest, tried, actions, excluded,
        opened_at, due_at, reply_session, reply_context)
      select $2, queue, domain, reason, criticality, title, journey_id, content, digest, tried, actions, excluded,
        opened_at, due_at, reply_session, reply_context from work.item where id = $1`,
      values: [open.id, copy],
    });
    await expect(desk.work.show(copy, anna)).rejects.toMatchObject({ code: "VAULT_BROKEN", at: "work.item.content" });
  });

  test("lets an auditor see who did what to which digest, and never what it says", async () => {
    const seen = await auditor.query({
      text: "select i.digest, h.deed, h.by from work.item i join work.history h on h.item_id = i.id where i.id = $1",
      values: [closed.id],
    });
    expect(seen).toContainEqual({ digest: closed.digest, deed: "decided", by: "anna" });
    for (const text of [
      "select content from work.item",
      "select reply_context from work.item",
      "select comment from work.history",
      "update work.item set state = 'open'",
    ])
      await expect(auditor.query(text)).rejects.toMatchObject({ code: DENIED });
  });
});
