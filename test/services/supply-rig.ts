// A node that carries requisition lines from their topic to an ERP in memory, with people who map codes.

import type { SupplyEntry, SupplyList } from "#canonical/contracts";
import type { RequisitionLine } from "#canonical/model";
import { openBackbone } from "#engine/backbone";
import { openCodes } from "#engine/codes";
import { openSagas } from "#engine/sagas";
import { openWork } from "#engine/work";
import { openPace, openWriteback } from "#engine/writeback";
import { systemClock } from "#kernel/clock";
import { openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { openCodeDesk, REQUISITION_SETTLED, requisitionSaga } from "#services/supply";
import { testDatabase } from "../database.ts";
import { fakeTarget } from "../engine/writeback/fake-target.ts";
import { until } from "../until.ts";
import { testVault } from "../vault.ts";

/** Somebody of the supply team. */
export const sue = { name: "sue", roles: ["supply"] };

const LISTS: Record<SupplyList, readonly SupplyEntry[]> = {
  item: [
    { code: "I00008", name: "Gloves", isBlocked: false },
    { code: "I00011", name: "Withdrawn catheter", isBlocked: true },
  ],
  supplier: [{ code: "V00008", name: "Aldwych Surgical Supplies Ltd", isBlocked: false }],
  unit: [{ code: "BOX", name: "Box", isBlocked: false }],
  location: [{ code: "WARD7", name: "Ward 7 store", isBlocked: false }],
};
/** The ERP's lists, in memory. */
const lists = {
  entry: async (list: SupplyList, code: string) =>
    LISTS[list].find((one) => one.code.toUpperCase() === code.toUpperCase()),
  search: async (list: SupplyList, text: string, most: number) =>
    LISTS[list].filter(({ code, name }) => `${code} ${name}`.includes(text)).slice(0, most),
};

let orders = 1_000;
/** A line of an order of its own, in the codes of STORES. */
export function line(said: Partial<RequisitionLine> = {}): RequisitionLine {
  orders += 1;
  return {
    source: "STORES",
    order: `R-${orders}`,
    line: 1,
    orderedAt: "2026-01-01T12:00:00.000Z",
    item: { code: "GLV-M", text: "Gloves, medium" },
    supplier: { code: "ALDW-7", text: "Aldwych Surgical" },
    unit: { code: "BX" },
    location: { code: "W7" },
    quantity: 12,
    ...said,
  };
}

export async function supplyRig() {
  const database = await testDatabase();
  const db = openDatabase(database.as("lockgate_app"), 10, testVault);
  const log = openLog("silent");
  const clock = systemClock;
  const backbone = await openBackbone({ db, node: newId(), clock, log, keepMs: 86_400_000 });
  const work = openWork({ db, backbone, clock, log, rolesOf: async () => sue.roles });
  const erp = fakeTarget("supplies");
  const limits = { concurrency: 8, pace: openPace(clock, 10_000) };
  const writeback = openWriteback({
    db,
    backbone,
    clock,
    log,
    target: erp.target,
    tells: REQUISITION_SETTLED,
    ...limits,
  });
  const codes = openCodes({ db, clock });
  const definitions = [requisitionSaga({ clock, codes, writeback })];
  const sagas = openSagas({ db, backbone, clock, work, definitions });
  writeback.run();
  sagas.run();
  const stopping = new AbortController();
  const tending = work.run(stopping.signal);

  const waiting = async (journeyId: string) =>
    (await work.list({ journeyId, most: 20 })).filter(({ state }) => state === "open" || state === "claimed");
  const instances = (journeyId: string) => sagas.ofJourney(journeyId);

  return {
    erp,
    codes,
    work,
    desk: openCodeDesk({ codes, work, supplies: lists, writeback }),
    /** Makes codes of STORES stand for something, as a site brings them along. */
    async knows(map: SupplyList, targets: Readonly<Record<string, string>>): Promise<void> {
      await codes.install(map, "STORES", targets);
    },
    /** Publishes the lines of one message. @returns the journey */
    async order(...lines: readonly RequisitionLine[]): Promise<string> {
      const journeyId = newId();
      const told = lines.map((one) => ({
        topic: "requisition.made",
        session: `${one.source}:${one.order}`,
        journeyId,
        body: Buffer.from(JSON.stringify(one)),
        contentType: "application/json",
        source: "requisitions",
      }));
      await db.transaction((tx) => backbone.publish(tx, told));
      backbone.hint("requisition.made");
      return journeyId;
    },
    /** Waits for the item that a journey asks with, and shows it. */
    async asked(journeyId: string) {
      await until(async () => (await waiting(journeyId)).length > 0);
      return work.show((await waiting(journeyId))[0]!.id, sue);
    },
    async decide(item: { readonly id: string; readonly digest: string }, action: string): Promise<void> {
      await work.decide(item.id, sue, { action, digest: item.digest });
    },
    /** Waits until all that a journey began has ended. @returns how, by the milestones */
    async ended(journeyId: string, lines = 1): Promise<string[]> {
      await until(async () => {
        const all = await instances(journeyId);
        return all.length === lines && all.every(({ status }) => status === "completed" || status === "undone");
      });
      return (await this.leaves(journeyId)).filter(({ name }) => name === "completed").map(({ outcome }) => outcome);
    },
    async leaves(journeyId: string) {
      const rows = await database.db.query<{ body: string }>({
        text: "select body from audit.leaf where journey_id = $1 order by position",
        values: [journeyId],
      });
      return rows.map(({ body }) => JSON.parse(body) as { part: string; name: string; outcome: string; code?: string });
    },
    async instance(journeyId: string) {
      const [{ id } = { id: "" }] = await instances(journeyId);
      return (await sagas.instance(id))!;
    },
    async close(): Promise<void> {
      stopping.abort();
      await tending;
      await backbone.close();
      await db.close();
      await database.drop();
    },
  };
}
