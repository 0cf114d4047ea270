// Starts one PostgreSQL for the whole run and migrates a template that every test file copies.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "#kernel/embedded-postgres";
import { createTemplate } from "./template.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgres: { host: string; port: number; superuser: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "lockgate-test-"));
  const server = await startEmbeddedPostgres({ dataDir, durable: false });
  const { host, port, superuser } = server;
  await createTemplate({ host, port, superuser });
  project.provide("postgres", { host, port, superuser });
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
