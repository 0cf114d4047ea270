// Where outside test data lie; tests that need them skip where they are absent.

import { existsSync } from "node:fs";
import { resolve } from "node:path";

const tlog = resolve(process.env.LOCKGATE_SHARED ?? "../shared", "data", "tlog");

export const merkleVectors = resolve(tlog, "merkle/testdata");
export const tesseraLog = resolve(tlog, "tessera/testdata/log");
export const present = existsSync(tlog);
