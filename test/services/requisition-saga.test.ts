// The saga of a requisition line on the engine: codes that nobody has mapped, one mapping for many lines, and an ERP that refuses.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { line, sue, supplyRig } from "./supply-rig.ts";

let rig: Awaited<ReturnType<typeof supplyRig>>;
beforeAll(async () => {
  rig = await supplyRig();
  await rig.knows("item", { "GLV-M": "I00008" });
  await rig.knows("supplier", { KNOWN: "V00008" });
  await rig.knows("unit", { BX: "BOX" });
  await rig.knows("location", { W7: "WARD7" });
});
afterAll(() => rig.close());

const known = { supplier: { code: "KNOWN" } };
const map = (code: string, replaces: string | null = null) =>
  rig.desk.put({ map: "supplier", system: "STORES", code, target: "V00008", replaces }, "sue", { traceparent: "" });

describe("a requisition line", () => {
  test("reaches the ERP in the ERP's own codes, once", async () => {
    const one = line({ ...known, neededBy: "2026-02-01" });
    expect(await rig.ended(await rig.order(one))).toEqual(["applied"]);
    const writes = rig.erp.writes.filter(({ values }) => values.orderNumber === one.order);
    expect(writes.map(({ values }) => values)).toEqual([
      {
        orderNumber: one.order,
        lineNumber: 1,
        item: "I00008",
        supplier: "V00008",
        unit: "BOX",
        location: "WARD7",
        quantity: 12,
        neededBy: "2026-02-01",
      },
    ]);
  });

  test("that its source sends again changes nothing", async () => {
    const one = line(known);
    await rig.ended(await rig.order(one));
    expect(await rig.ended(await rig.order(one))).toEqual(["unchanged"]);
    expect(rig.erp.writes.filter(({ values }) => values.orderNumber === one.order)).toHaveLength(1);
  });

  test("of several in one message goes its own way, whatever becomes of the others", async () => {
    const order = "R-MANY";
    const journey = await rig.order(
      line({ order, line: 1, ...known }),
      line({ order, line: 2, supplier: { code: "NOBODY" } }),
      line({ order, line: 3, ...known }),
    );
    const item = await rig.asked(journey);
    expect(item.content).toMatchObject({ line: { order, line: 2 } });
    await rig.decide(item, "refuse");
    expect((await rig.ended(journey, 3)).toSorted()).toEqual(["applied", "applied", "refused"]);
    const written = rig.erp.writes.filter(({ values }) => values.orderNumber === order);
    expect(written.map(({ values }) => values.lineNumber).toSorted()).toEqual([1, 3]);
  });

  test("names neither a supplier nor a place where its source named none", async () => {
    const one = line({ supplier: undefined, location: undefined });
    await rig.ended(await rig.order(one));
    expect(rig.erp.writes.find(({ values }) => values.orderNumber === one.order)?.values).toMatchObject({
      supplier: null,
      location: null,
    });
  });

  test("is written once though the ERP's answer is lost", async () => {
    const one = line(known);
    rig.erp.fail("commit-then-drop");
    expect(await rig.ended(await rig.order(one))).toEqual(["applied"]);
    expect(rig.erp.writes.filter(({ values }) => values.orderNumber === one.order)).toHaveLength(1);
  });
});

describe("a code that nobody has mapped", () => {
  test("asks the supply team, with the line in its source's words", async () => {
    const one = line({ supplier: { code: "NEW-1", text: "New Supplies" }, neededBy: "2026-02-01" });
    const journey = await rig.order(one);
    const item = await rig.asked(journey);
    expect(item).toMatchObject({
      domain: "supply",
      queue: "supply-codes",
      reason: "SU-100",
      title: "Unknown supplier code NEW-1 of STORES",
    });
    expect(item.content).toEqual({
      kind: "unmapped-code",
      map: "supplier",
      system: "STORES",
      code: "NEW-1",
      text: "New Supplies",
      line: {
        order: one.order,
        line: 1,
        item: "GLV-M",
        itemText: "Gloves, medium",
        supplier: "NEW-1",
        unit: "BX",
        location: "W7",
        quantity: 12,
        neededBy: "2026-02-01",
      },
    });
    await rig.decide(item, "refuse");
    expect(await rig.ended(journey)).toEqual(["refused"]);
    expect(rig.erp.writes.some(({ values }) => values.orderNumber === one.order)).toBe(false);
  });

  test("is asked for again where it was tried again unmapped", async () => {
    const journey = await rig.order(line({ supplier: { code: "NEW-2" } }));
    const first = await rig.asked(journey);
    await rig.decide(first, "retry");
    const second = await rig.asked(journey);
    expect(second.id).not.toBe(first.id);
    await map("NEW-2");
    await rig.decide(second, "retry");
    expect(await rig.ended(journey)).toEqual(["applied"]);
  });

  test("is asked for one after the other where a line names several", async () => {
    const journey = await rig.order(line({ item: { code: "X-1" }, supplier: { code: "X-2" } }));
    const item = await rig.asked(journey);
    expect(item.title).toBe("Unknown item code X-1 of STORES");
    await rig.codes.put({ map: "item", system: "STORES", code: "X-1", target: "I00008", replaces: null }, "sue");
    await rig.decide(item, "retry");
    const next = await rig.asked(journey);
    expect(next.title).toBe("Unknown supplier code X-2 of STORES");
    await map("X-2");
    await rig.decide(next, "retry");
    expect(await rig.ended(journey)).toEqual(["applied"]);
  });

  test("that is mapped once lets all go on that wait for it, by one decision for the group", async () => {
    const journeys = await Promise.all(
      Array.from({ length: 40 }, () => rig.order(line({ supplier: { code: "NEW-40" } }))),
    );
    for (const journey of journeys) await rig.asked(journey);
    const ofMap = async () => (await rig.desk.maps()).find((one) => one.map === "supplier")!;
    expect(await ofMap()).toMatchObject({ domain: "supply", unmapped: 1, waiting: 40 });
    await map("NEW-40");
    const { groups } = rig.work;
    const { domain, queue, reason, title } = await rig.asked(journeys[0]!);
    const filter = { domain, queue, reason, title };
    const targets = await groups.candidates(filter, "retry");
    expect(targets).toHaveLength(40);
    const { id, digest } = await groups.preview({ ...filter, deed: "decide", action: "retry", targets }, sue.name);
    await groups.start(id, { digest }, sue);
    for (const journey of journeys) expect(await rig.ended(journey)).toEqual(["applied"]);
    expect(await ofMap()).toMatchObject({ unmapped: 0, waiting: 0 });
  });
});

describe("a line that the ERP refuses", () => {
  test("asks the supply team, and goes again with the codes as they are then", async () => {
    await rig.knows("item", { "CATH-9": "I00011" });
    const one = line({ item: { code: "CATH-9" }, ...known });
    rig.erp.fail("refused");
    const journey = await rig.order(one);
    const item = await rig.asked(journey);
    expect(item).toMatchObject({ queue: "supply", domain: "supply", reason: "ERP_REFUSED" });
    expect(item.content).toMatchObject({
      kind: "requisition-line",
      mapped: { item: "I00011" },
      line: { item: "CATH-9" },
    });
    const better = { map: "item", system: "STORES", code: "CATH-9", target: "I00008", replaces: "I00011" };
    await rig.codes.put(better, "sue");
    await rig.decide(item, "retry");
    expect(await rig.ended(journey)).toEqual(["applied"]);
    expect(rig.erp.writes.find(({ values }) => values.orderNumber === one.order)?.values.item).toBe("I00008");
  });

  test("is left where the supply team says so", async () => {
    rig.erp.fail("refused");
    const journey = await rig.order(line(known));
    await rig.decide(await rig.asked(journey), "close");
    expect(await rig.ended(journey)).toEqual(["refused"]);
  });
});

describe("a line that the ERP holds otherwise", () => {
  const written = async (said: Parameters<typeof line>[0] = {}) => {
    const one = line({ ...known, ...said });
    await rig.ended(await rig.order(one));
    return { one, ...rig.erp.writes.find(({ values }) => values.orderNumber === one.order)! };
  };
  const quantityOf = (externalId: string) => rig.erp.held(externalId).values.quantity;

  test.each([
    ["the ERP's people have changed it since", { quantity: 6 }, {}],
    ["its source places it again with another quantity", {}, { quantity: 20, orderedAt: "2026-01-02T12:00:00.000Z" }],
    ["an older word of its source comes late", {}, { quantity: 5, orderedAt: "2025-12-31T12:00:00.000Z" }],
  ])("is not overwritten where %s", async (_, edited, again) => {
    const { one, externalId } = await written();
    if ("quantity" in edited) rig.erp.edit(externalId, edited);
    const before = quantityOf(externalId);
    const item = await rig.asked(await rig.order({ ...one, ...again }));
    expect(item).toMatchObject({
      reason: "WRITEBACK_CONFLICT",
      title: "The ERP holds another requisition line of that number",
      content: { held: { quantity: before }, at: ["quantity"] },
    });
    expect(quantityOf(externalId)).toBe(before);
  });

  test("is replaced where the supply team says so", async () => {
    const { one, externalId } = await written();
    const journey = await rig.order({ ...one, quantity: 20 });
    await rig.decide(await rig.asked(journey), "replace");
    expect(await rig.ended(journey)).toEqual(["applied"]);
    expect(quantityOf(externalId)).toBe(20);
  });

  test("is asked about again where it changed since the supply team was shown it", async () => {
    const { one, externalId } = await written();
    const journey = await rig.order({ ...one, quantity: 20 });
    const shown = await rig.asked(journey);
    rig.erp.edit(externalId, { quantity: 7 });
    await rig.decide(shown, "replace");
    const again = await rig.asked(journey);
    expect(again.content).toMatchObject({ held: { quantity: 7 } });
    expect(quantityOf(externalId)).toBe(7);
    await rig.decide(again, "close");
    expect(await rig.ended(journey)).toEqual(["refused"]);
  });

  test("of two that waited for one code is the one that goes first, and the other is asked about", async () => {
    const one = line({ supplier: { code: "RACE-1" } });
    const [first, second] = [await rig.order(one), await rig.order({ ...one, quantity: 99 })];
    const items = [await rig.asked(first), await rig.asked(second)];
    await map("RACE-1");
    await rig.decide(items[0]!, "retry");
    expect(await rig.ended(first)).toEqual(["applied"]);
    await rig.decide(items[1]!, "retry");
    expect((await rig.asked(second)).reason).toBe("WRITEBACK_CONFLICT");
    expect(rig.erp.writes.filter(({ values }) => values.orderNumber === one.order)).toHaveLength(1);
  });
});

describe("whoever maps a code", () => {
  test.each([
    ["that the ERP does not hold", "item", "I99999", "unknown"],
    ["that the ERP has blocked", "item", "I00011", "blocked"],
  ])("cannot choose one %s", async (_, list, target, reason) => {
    const mapping = { map: list, system: "STORES", code: `BAD-${reason}`, target, replaces: null };
    await expect(rig.desk.put(mapping, "sue", { traceparent: "" })).rejects.toMatchObject({
      code: "CODE_TARGET_UNFIT",
      reason,
    });
    expect(await rig.codes.look([mapping])).toEqual([undefined]);
  });

  test("has it kept as the ERP writes it", async () => {
    const mapping = { map: "unit", system: "STORES", code: "bx-2", target: "box", replaces: null };
    expect(await rig.desk.put(mapping, "sue", { traceparent: "" })).toMatchObject({ target: "BOX", by: "sue" });
  });

  test("is told of a map that is none", async () => {
    await expect(rig.desk.entries("colour", { most: 1 })).rejects.toMatchObject({ code: "CODE_MAP_UNKNOWN" });
    expect(() => rig.desk.domainOf("colour")).toThrow(expect.objectContaining({ code: "CODE_MAP_UNKNOWN" }));
  });
});
