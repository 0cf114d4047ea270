// The backbone contract on an external PostgreSQL 15 or newer, where one is installed (Debian: apt-get install postgresql).

import { afterAll, beforeAll, describe } from "vitest";
import { installedPostgres, startExternalPostgres } from "../external-postgres.ts";
import { backboneContract } from "./backbone.ts";
import { postgresStorage } from "./backbone-storage.ts";

const programs = installedPostgres();

describe.skipIf(!programs)("with an external PostgreSQL (apt-get install postgresql)", () => {
  let server: Awaited<ReturnType<typeof startExternalPostgres>>;
  beforeAll(async () => {
    server = await startExternalPostgres(programs!);
  });
  afterAll(() => server.stop());
  backboneContract("an external PostgreSQL", () => postgresStorage(server));
});
