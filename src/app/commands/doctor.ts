// `lockgate doctor`: checks what a start needs and what a running platform should have.

import { navPatients } from "#connectors/nav";
import { certificateEnd } from "#gateway";
import { systemClock } from "#kernel/clock";
import { asLockgateError } from "#kernel/errors";
import { newTrace } from "#kernel/trace";
import { type Caller, call } from "../client.ts";
import type { Config } from "../config.ts";
import { EXIT, show, table } from "../output.ts";
import { tellKeys, tellSecrets } from "./secrets.ts";

type Check = { readonly check: string; readonly outcome: "ok" | "failed" | "skipped"; readonly detail: string };

/** @returns 0 when nothing failed */
export async function doctor(caller: Caller, json: boolean): Promise<number> {
  const { config } = caller;
  const checks = [
    await tried("Node", async () => {
      const major = Number(process.versions.node.split(".")[0]);
      if (major < 24) throw new Error("older than 24");
      return process.version;
    }),
    await tried("platform", async () => {
      const { channels } = await call<{ channels: { name: string; state: string }[] }>(caller, "GET", "/channels");
      return `answers; ${channels.map((one) => `${one.name} ${one.state}`).join(", ")}`;
    }),
    await tried(
      "dead letters",
      async () =>
        `${(await call<{ deadLetters: unknown[] }>(caller, "GET", "/dead-letters")).deadLetters.length} wait for a person`,
    ),
    await tried(
      "audit",
      async () => `${(await call<{ size: number }>(caller, "GET", "/audit/checkpoint")).size} leaves signed for`,
    ),
    await tried("certificate", async () =>
      config.http.tls ? `good until ${certificateEnd(config.http.tls).toISOString()}` : "HTTP in the clear",
    ),
    await tried("secrets", () => tellSecrets(config)),
    await tried("keys", () => tellKeys(config)),
    await erp(config),
  ];
  show(json, checks, () => table(checks.map((one) => [one.outcome, one.check, one.detail])));
  return checks.some((one) => one.outcome === "failed") ? EXIT.refused : EXIT.done;
}

async function tried(check: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { check, outcome: "ok", detail: await look() };
  } catch (thrown) {
    const error = asLockgateError(thrown);
    return { check, outcome: "failed", detail: error.code === "INTERNAL" ? "unexpected" : error.message };
  }
}

async function erp(config: Config): Promise<Check> {
  const { nav } = config;
  if (!nav) return { check: "ERP", outcome: "skipped", detail: "no `nav` settings: the demo uses its double" };
  const patients = navPatients(nav, { clock: systemClock });
  try {
    return await tried("ERP", async () => {
      await patients.probe({ traceparent: newTrace() });
      return `${nav.name} answers and takes our credentials`;
    });
  } finally {
    await patients.close();
  }
}
