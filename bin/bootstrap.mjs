// What `npm start`, `npm test` and the other scripts call: installs what is missing, then runs the task on the project's Node.

import { join } from "node:path";
import { installOrExit, root } from "./installation.mjs";
import { runNode } from "./run-node.mjs";

const tasks = {
  start: { dev: false, script: "src/app/main.ts", args: ["start"] },
  test: { dev: true, script: "node_modules/vitest/vitest.mjs", args: ["run"] },
  check: { dev: true, script: "scripts/check.ts", args: [] },
  bench: { dev: true, script: "bench/run.ts", args: [] },
};

const [name, ...args] = process.argv.slice(2);
const task = Object.hasOwn(tasks, name ?? "") ? tasks[name] : undefined;
if (task === undefined) {
  console.error(`Usage: node bin/bootstrap.mjs ${Object.keys(tasks).join("|")} [arguments]`);
  process.exit(2);
}
await installOrExit({ dev: task.dev });
process.chdir(root);
runNode(join(root, task.script), [...task.args, ...args]);
