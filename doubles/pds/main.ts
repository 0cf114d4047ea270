// Command line of the PDS double: `node doubles/pds/main.ts --port N [--data DIR] [--public-key FILE] [--with-parent] …`.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startPdsDouble } from "./server.ts";
import { demoClient } from "./settings.ts";

const flags = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    data: { type: "string" },
    oas: { type: "string" },
    "api-key": { type: "string", default: demoClient.apiKey },
    kid: { type: "string", default: demoClient.kid },
    /** PEM file with the public key of the application that `--api-key` names. */
    "public-key": { type: "string" },
    /** Ends the process when stdin closes, so that a killed parent leaves no orphan. */
    "with-parent": { type: "boolean", default: false },
  },
}).values;

const port = Number(flags.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write("--port must be a whole number from 0 to 65535\n");
  process.exit(2);
}

const keyFile = flags["public-key"];
const double = await startPdsDouble({
  port,
  host: flags.host,
  ...(flags.data !== undefined && { dataDirectory: flags.data }),
  ...(flags.oas !== undefined && { oas: flags.oas }),
  ...(keyFile !== undefined && {
    clients: [{ apiKey: flags["api-key"], kid: flags.kid, publicKeyPem: readFileSync(keyFile, "utf8") }],
  }),
});

const end = (): void => {
  void double.close().then(() => process.exit(0));
};
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, end);
if (flags["with-parent"]) process.stdin.resume().once("end", end).once("close", end);
process.stdout.write(`${JSON.stringify({ ready: true, port: double.port })}\n`);
