// Journals and batches: posting with the commit inside, deep insert, snapshot isolation.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cronus, type Site, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());
beforeEach(() => site.admin("reset", { method: "POST" }));

const line = (accountNumber: string, amount: number, more: object = {}) => ({
  accountNumber,
  amount,
  postingDate: "2026-11-20",
  documentNumber: "G00001",
  externalDocumentNumber: "wb-77",
  ...more,
});
const openJournal = async (...journalLines: object[]): Promise<string> => {
  const answer = await site.standard("journals", {
    method: "POST",
    body: { code: "HUB1", displayName: "Hub", journalLines },
  });
  expect(answer.status).toBe(201);
  return answer.json.id;
};
const post = (id: string) => site.standard(`journals(${id})/Microsoft.NAV.post`, { method: "POST" });
const entries = async () => (await site.standard("generalLedgerEntries?$filter=documentNumber eq 'G00001'")).json.value;

describe("a journal batch", () => {
  test("is inserted with its lines, numbered in steps of ten thousand", async () => {
    const id = await openJournal(line("7210", 120.5), line("2910", -120.5));
    const { json } = await site.standard(`journals(${id})?$expand=journalLines`);
    expect(json.journalLines.map((l: { lineNumber: number }) => l.lineNumber)).toEqual([10_000, 20_000]);
    expect(json).not.toHaveProperty("lineKey");
    expect((await site.standard(`journals(${id})/journalLines`)).json.value).toHaveLength(2);
  });

  test("gets a new ETag when a line is added", async () => {
    const id = await openJournal();
    const before = (await site.standard(`journals(${id})`)).json["@odata.etag"];
    await site.standard(`journals(${id})/journalLines`, { method: "POST", body: line("7210", 1) });
    expect((await site.standard(`journals(${id})`)).json["@odata.etag"]).not.toBe(before);
  });

  test("is posted whole: entries written, lines gone, one ledger line", async () => {
    const id = await openJournal(line("7210", 120.5), line("2910", -120.5));
    expect((await post(id)).status).toBe(204);
    expect(await entries()).toMatchObject([
      { entryNumber: 1, accountNumber: "7210", debitAmount: 120.5, creditAmount: 0, externalDocumentNumber: "WB-77" },
      { entryNumber: 2, accountNumber: "2910", debitAmount: 0, creditAmount: 120.5 },
    ]);
    expect((await site.standard(`journals(${id})/journalLines`)).json.value).toEqual([]);
    const posted = (await site.ledger()).filter((entry) => entry.kind === "post");
    expect(posted).toMatchObject([
      { entity: "journals", key: "HUB1", idempotencyKey: "WB-77", changes: { entries: { to: "1..2" } } },
    ]);
  });

  test("books the balancing account of a line", async () => {
    await post(await openJournal(line("7210", 40, { balancingAccountNumber: "2910" })));
    expect((await entries()).map((e: { accountNumber: string }) => e.accountNumber)).toEqual(["7210", "2910"]);
  });

  const refused: [promise: string, lines: object[], code: string, text: string][] = [
    ["that is empty", [], "Application_DialogException", "There is nothing to post."],
    [
      "that is out of balance",
      [line("7210", 1638.4), line("2910", -1)],
      "Application_DialogException",
      "Document No. G00001 is out of balance by 1,637.4.",
    ],
    [
      "with an unknown account",
      [line("9999", 5)],
      "Internal_InvalidTableRelation",
      "The field Account No. of table Gen. Journal Line contains a value (9999) that cannot be found in the related table (G/L Account).",
    ],
    [
      "without posting date",
      [line("7210", 5, { postingDate: "0001-01-01" })],
      "Application_FieldValidationException",
      "Posting Date must have a value",
    ],
    [
      "outside the posting range",
      [line("7210", 5, { postingDate: "2019-12-31" })],
      "Application_DialogException",
      "not within your range of allowed posting dates",
    ],
  ];
  test.each(refused)("%s is not posted at all", async (_promise, lines, code, text) => {
    const id = await openJournal(...lines);
    const answer = await post(id);
    expect(answer.json.error.code).toBe(code);
    expect(answer.json.error.message).toContain(text);
    expect(await entries()).toEqual([]);
    expect((await site.standard(`journals(${id})/journalLines`)).json.value).toHaveLength(lines.length);
  });

  test("that answers an error after its commit is posted all the same", async () => {
    const id = await openJournal(line("7210", 9, { balancingAccountNumber: "2910" }));
    await site.faults({ kind: "commitThenError", status: 400, times: 1, match: { action: "post" } });
    expect((await post(id)).status).toBe(400);
    expect(await entries()).toHaveLength(2);
    expect((await post(id)).json.error.message).toContain("There is nothing to post.");
  });

  test("refuses actions it does not have", async () => {
    const id = await openJournal();
    expect((await site.standard(`journals(${id})/Microsoft.NAV.explode`, { method: "POST" })).status).toBe(404);
  });
});

describe("a batch of requests", () => {
  const batch = (requests: object[], headers: Record<string, string> = {}) =>
    site.odata("/BC/api/v2.0/$batch", { method: "POST", body: { requests }, headers });
  const vendor = (id: string, displayName: string) => ({
    id,
    method: "POST",
    url: `companies(${cronus.id})/vendors`,
    headers: { "Content-Type": "application/json" },
    body: { displayName },
  });
  const statuses = (answer: { json: { responses: { id: string; status: number }[] } }) =>
    answer.json.responses.map(({ id, status }) => `${id}:${status}`);
  const newVendors = async () => {
    const filter = "lastModifiedDateTime gt 2024-12-31T00:00:00Z";
    return (await site.standard(`vendors?$count=true&$top=0&$filter=${filter}`)).json["@odata.count"];
  };

  test("runs in order and stops at the first failure", async () => {
    expect(statuses(await batch([vendor("a", "Dace Ltd"), vendor("b", ""), vendor("c", "Eel Ltd")]))).toEqual([
      "a:201",
      "b:400",
    ]);
    expect(await newVendors()).toBe(1);
  });

  test("goes on after a failure when asked to", async () => {
    const answer = await batch([vendor("a", ""), vendor("b", "Eel Ltd")], { prefer: "odata.continue-on-error" });
    expect(statuses(answer)).toEqual(["a:400", "b:201"]);
  });

  test("leaves nothing behind under snapshot isolation when one fails", async () => {
    const answer = await batch([vendor("a", "Dace Ltd"), vendor("b", "")], { isolation: "snapshot" });
    expect(answer.json.responses.every(({ status }: { status: number }) => status >= 400)).toBe(true);
    expect(await newVendors()).toBe(0);
    expect(await site.ledger()).toEqual([]);
  });

  test("cannot take back a posting under snapshot isolation, since posting commits", async () => {
    const id = await openJournal(line("7210", 9, { balancingAccountNumber: "2910" }));
    const posting = { id: "p", method: "POST", url: `companies(${cronus.id})/journals(${id})/Microsoft.NAV.post` };
    await batch([vendor("a", "Dace Ltd"), posting, vendor("b", "Eel Ltd"), vendor("c", "")], { isolation: "snapshot" });
    expect(await entries()).toHaveLength(2);
    expect(await newVendors()).toBe(1);
  });

  test("holds at most a hundred requests", async () => {
    const answer = await batch(Array.from({ length: 101 }, (_unused, index) => vendor(String(index), "Fry Ltd")));
    expect([answer.status, await newVendors()]).toEqual([400, 0]);
  });

  test("names a request it cannot read", async () => {
    expect((await batch([{ id: "a" }])).json.error.message).toContain("position 0");
  });
});
