// The purchasing contract on the NAV connector, against a Business Central of today and a NAV of older habits.

import type { SupplyEntry, SupplyList } from "#canonical/contracts";
import { navSettings, openNav } from "#connectors/nav";
import { systemClock } from "#kernel/clock";
import type { SwitchesInput } from "../../doubles/nav/index.ts";
import { hastyMs, openNavDesk } from "./nav-desk.ts";
import { newLine, type SuppliesUnderTest, suppliesContract } from "./supplies.ts";

/** The page of a list, and an entry as a user of NAV enters it. */
const entered: Record<SupplyList, (entry: SupplyEntry) => readonly [string, Record<string, unknown>]> = {
  item: ({ code, name, isBlocked }) => ["items", { number: code, displayName: name, blocked: isBlocked }],
  supplier: ({ code, name, isBlocked }) => [
    "vendors",
    { number: code, displayName: name, blocked: isBlocked ? "All" : " " },
  ],
  unit: ({ code, name }) => ["unitsOfMeasure", { code, displayName: name }],
  location: ({ code, name }) => ["locations", { code, displayName: name }],
};

async function prepareNav(switches: SwitchesInput): Promise<SuppliesUnderTest> {
  const desk = await openNavDesk("requisitionLines", switches);
  const open = (more: Record<string, unknown> = {}) =>
    openNav(navSettings.parse({ ...desk.settings("odata"), ...more }), { clock: systemClock });
  const [nav, hasty] = [open(), open({ timeoutMs: hastyMs })];
  return {
    ...desk,
    port: nav.supplies,
    hasty: hasty.supplies,
    fresh: newLine,
    change: (variant) => ({ quantity: variant + 100 }),
    editAsUser: ({ idempotencyKey }) =>
      desk.edit("requisitionLines", { externalReference: idempotencyKey, dueDate: "2026-12-24" }),
    addEntry: (list, entry) => desk.edit(...entered[list](entry)),
    close: async () => {
      await Promise.all([nav.close(), hasty.close()]);
      await desk.close();
    },
  };
}

suppliesContract("Business Central over OData", () => prepareNav({}));
suppliesContract("older NAV over OData", () =>
  prepareNav({ staleStatus: 412, duplicateKeyStatus: 409, lockStatus: 409, pageSize: 4 }),
);
