// A platform's stand-in for commands: answers what a test has it answer, and somebody is signed in there.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FastifyInstance, fastify } from "fastify";
import { expect, vi } from "vitest";
import type { Config } from "../../src/app/config.ts";
import { keepSignedIn } from "../../src/app/signed-in.ts";

/** Serves the routes that `register` adds; `config` is what commands are called with. */
export async function startStandIn(register: (server: FastifyInstance) => void) {
  const dataDir = mkdtempSync(join(tmpdir(), "lockgate-"));
  const server = fastify();
  register(server);
  await server.listen({ host: "127.0.0.1", port: 0 });
  const { port } = server.server.address() as { port: number };
  const config = { dataDir, http: { host: "127.0.0.1" }, portBase: port } as Config;
  const token = { issuer: "https://id.test.example", clientId: "test", accessToken: "a-token-for-tests-only" };
  keepSignedIn(config, "olive", { ...token, expiresAt: Date.now() + 3_600_000 });
  return {
    config,
    async close() {
      await server.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

/** The lines that a command prints, which must be done. */
export async function printed(command: () => Promise<number>): Promise<string[]> {
  let text = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const code = await command().finally(() => spy.mockRestore());
  expect(code).toBe(0);
  return text.trimEnd().split("\n");
}
