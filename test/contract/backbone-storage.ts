// PostgreSQL as the storage of the backbone contract.

import { openBackbone } from "#engine/backbone";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { type TestServer, testDatabase } from "../database.ts";
import type { BackboneStorage } from "./backbone-nodes.ts";

const log = openLog("silent");

/** A fresh database on `server`; on the embedded one if none is named. */
export async function postgresStorage(server?: TestServer): Promise<BackboneStorage> {
  const database = await testDatabase(server);
  return {
    db: database.db,
    open: () => openBackbone({ db: database.db, node: newId(), clock: systemClock, log, keepMs: 86_400_000 }),
    drop: () => database.drop(),
  };
}
