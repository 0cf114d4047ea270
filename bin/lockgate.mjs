#!/usr/bin/env node
// The `lockgate` command: installs what is missing, then runs the command line on the project's Node.

import { join } from "node:path";
import { installOrExit, root } from "./installation.mjs";
import { runNode } from "./run-node.mjs";

await installOrExit({ dev: false });
runNode(join(root, "src", "app", "main.ts"), process.argv.slice(2));
