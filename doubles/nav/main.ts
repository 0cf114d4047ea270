// Command line of the NAV double: `node doubles/nav/main.ts --odata-port N --soap-port M [--data DIR] [--host H] [--with-parent]`.

import { parseArgs } from "node:util";
import { startNavDouble } from "./server.ts";

const { values } = parseArgs({
  options: {
    "odata-port": { type: "string", default: "0" },
    "soap-port": { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    data: { type: "string" },
    /** Ends the process when stdin closes, so that a killed parent leaves no orphan. */
    "with-parent": { type: "boolean", default: false },
  },
});

function portFrom(name: "odata-port" | "soap-port"): number {
  const port = Number(values[name]);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  process.stderr.write(`--${name} must be a whole number from 0 to 65535\n`);
  return process.exit(2);
}

const double = await startNavDouble({
  odataPort: portFrom("odata-port"),
  soapPort: portFrom("soap-port"),
  host: values.host,
  ...(values.data === undefined ? {} : { dataDirectory: values.data }),
});

async function stop(): Promise<void> {
  await double.close();
  process.exit(0);
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);
if (values["with-parent"]) process.stdin.once("end", stop).once("close", stop).resume();
process.stdout.write(`${JSON.stringify({ ready: true, odataPort: double.odataPort, soapPort: double.soapPort })}\n`);
