// The backbone contract on the embedded PostgreSQL and, where one is installed, on an external PostgreSQL 15 or newer.

import { afterAll, beforeAll, describe } from "vitest";
import { openBackbone } from "#engine/backbone";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { type TestServer, testDatabase } from "../database.ts";
import { installedPostgres, startExternalPostgres } from "../external-postgres.ts";
import { type BackboneStorage, backboneContract } from "./backbone.ts";

const log = openLog("silent");

async function storageOn(server?: TestServer): Promise<BackboneStorage> {
  const database = await testDatabase(server);
  return {
    db: database.db,
    open: () => openBackbone({ db: database.db, node: newId(), clock: systemClock, log, keepMs: 86_400_000 }),
    drop: () => database.drop(),
  };
}

backboneContract("the embedded PostgreSQL", () => storageOn());

const programs = installedPostgres();

describe.skipIf(!programs)("with an external PostgreSQL (Debian: apt-get install postgresql)", () => {
  let server: Awaited<ReturnType<typeof startExternalPostgres>>;
  beforeAll(async () => {
    server = await startExternalPostgres(programs!);
  });
  afterAll(() => server.stop());
  backboneContract("an external PostgreSQL", () => storageOn(server));
});
