// The backbone contract on the embedded PostgreSQL and, where one is installed, on an external PostgreSQL 15 or newer.

import { openBackbone } from "#engine/backbone";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { testDatabase } from "../database.ts";
import { backboneContract } from "./backbone.ts";

const log = openLog("silent");

backboneContract("embedded PostgreSQL", async () => {
  const database = await testDatabase();
  return {
    db: database.db,
    open: () => openBackbone({ db: database.db, node: newId(), clock: systemClock, log, keepMs: 86_400_000 }),
    drop: () => database.drop(),
  };
});
