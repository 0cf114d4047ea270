// Command line of the hospital: `node doubles/pas/main.ts --port N [--stores-port N] [--nav URL] [--pds URL] [--every-ms N] [--seed N] …`.

import { once } from "node:events";
import { parseArgs } from "node:util";
import { startPasDouble } from "./server.ts";

const flags = parseArgs({
  options: {
    port: { type: "string", default: "7401" },
    "stores-port": { type: "string" },
    nav: { type: "string" },
    pds: { type: "string" },
    "every-ms": { type: "string", default: "5000" },
    seed: { type: "string", default: "1" },
    data: { type: "string" },
    /** Ends the process when stdin closes, so that a killed parent leaves no orphan. */
    "with-parent": { type: "boolean", default: false },
  },
}).values;

const wholeOf = (name: "port" | "stores-port" | "every-ms" | "seed", most: number): number => {
  const value = Number(flags[name]);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  process.stderr.write(`--${name} must be a whole number from 1 to ${most}\n`);
  process.exit(2);
};

const hospital = startPasDouble({
  port: wholeOf("port", 65_535),
  storesPort: flags["stores-port"] === undefined ? undefined : wholeOf("stores-port", 65_535),
  everyMs: wholeOf("every-ms", 3_600_000),
  seed: wholeOf("seed", 499),
  nav: flags.nav,
  pds: flags.pds,
  dataDirectory: flags.data,
});

const endings = ["SIGTERM", "SIGINT"].map((signal) => once(process, signal));
if (flags["with-parent"]) endings.push(once(process.stdin.resume(), "close"));
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
await Promise.race(endings);
await hospital.close();
process.exit(0);
