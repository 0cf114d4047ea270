// Command line of the identity provider's double: `node doubles/idp/main.ts --port N [--gateway URL] [--data DIR] …`.

import { parseArgs } from "node:util";
import { startIdpDouble } from "./server.ts";

const flags = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    data: { type: "string" },
    /** The gateway whose people sign in here. */
    gateway: { type: "string" },
    /** Ends the process when stdin closes, so that a killed parent leaves no orphan. */
    "with-parent": { type: "boolean", default: false },
  },
}).values;

const port = Number(flags.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write("--port must be a whole number from 0 to 65535\n");
  process.exit(2);
}

const double = await startIdpDouble({
  port,
  host: flags.host,
  ...(flags.data !== undefined && { dataDirectory: flags.data }),
  ...(flags.gateway !== undefined && { gateway: flags.gateway }),
});

const stop = async (): Promise<never> => {
  await double.close();
  process.exit(0);
};
if (flags["with-parent"]) process.stdin.resume().once("close", stop);
process.once("SIGTERM", stop).once("SIGINT", stop);
process.stdout.write(`${JSON.stringify({ ready: true, port: double.port })}\n`);
