// A ward's order on its way in: told line by line in the order's turn, found by its number, and answered where it cannot be read.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RequisitionLine } from "#canonical/model";
import { peek } from "../vault.ts";
import { type Site, startSite } from "./platform-rig.ts";

const orderFor = (patient: string) => readFileSync(new URL(`../fixtures/oms/${patient}.hl7`, import.meta.url));
const [forPatient, forNobody] = ["o05-for-a-patient", "o05-one-orc"].map(orderFor) as [Buffer, Buffer];

let site: Site;

beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const say = (message: Buffer) => site.order(message);
const answered = (code: string, location: string) => ({ code: "AE", errors: [{ reason: code, location }] });

/** What was told of an order, in order. */
async function linesOf(order: string): Promise<{ session: string; line: RequisitionLine }[]> {
  const rows = await site.db.query<{ session: string; body: Buffer }>(
    `select l.session, l.body from backbone.log l join backbone.topic t on t.id = l.topic
      where t.name = 'requisition.made' order by l.position`,
  );
  return rows
    .map(({ session, body }) => ({ session, line: JSON.parse(peek(body)) as RequisitionLine }))
    .filter(({ line }) => line.order === order);
}

it("tells each line by itself, all of one order in that order's turn", async () => {
  expect((await say(forPatient)).code).toBe("AA");
  await expect.poll(() => linesOf("R-1001")).toHaveLength(3);
  const told = await linesOf("R-1001");
  expect(told.map(({ line }) => [line.line, line.item.code])).toEqual([
    [1, "GLV-M"],
    [2, "SAL-500"],
    [10, "EXT 7"],
  ]);
  expect(new Set(told.map(({ session }) => session)).size).toBe(1);
});

it("takes an order that is sent again for the same order", async () => {
  expect((await say(forNobody)).code).toBe("AA");
  await expect.poll(() => linesOf("R-1002")).toHaveLength(3);
  expect((await say(forNobody)).code).toBe("AA");
  await site.journey("OMS-0002");
  const again = await linesOf("R-1002");
  expect(again).toHaveLength(3);
  const [other] = await linesOf("R-1001");
  expect(again.some(({ session }) => session === other!.session)).toBe(false);
});

it("is found by the order's number, with whose it is and without, and by nobody whom the order is for", async () => {
  const [journey] = await site.journeys("OMS-0001");
  expect(journey).toMatchObject({ channel: "requisitions" });
  for (const key of ["R-1001", "STORES:R-1001"])
    expect((await site.journeys(key)).map(({ id }) => id)).toEqual([journey!.id]);
  expect(journey!.businessKeys.map(({ kind }) => kind)).toEqual(["controlId", "order"]);
  for (const key of ["RXX1001", "RXX:RXX1001"]) await expect(site.journeys(key)).rejects.toThrow("JOURNEY_UNKNOWN");
});

it("answers an order that cannot be read with a code and the field, and keeps it", async () => {
  const broken = Buffer.from(
    forPatient.toString().replaceAll("R-1001", "R-1009").replace("OMS-0001", "OMS-0009").replace("|2.5|EA", "|2,5|EA"),
  );
  expect(await say(broken)).toMatchObject(answered("HL7_BAD_VALUE", "RQD[2]-5"));
  const journey = await site.settled("R-1009");
  expect(journey.open).toMatchObject([{ subscription: "requisitions", state: "dead", reason: "HL7_BAD_VALUE" }]);
  expect(await linesOf("R-1009")).toEqual([]);
});

it("writes down nothing of whom an order is for", async () => {
  const told = JSON.stringify([await linesOf("R-1001"), await site.journeys("OMS-0001"), await site.log()]);
  expect(told).toContain("GLV-M");
  for (const word of ["BRUNA", "RXX1001", "19790214", "1979-02-14", "Sample"]) expect(told).not.toContain(word);
});
