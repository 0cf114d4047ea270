// Hands over to the project's Node: takes this process's place where the system allows it, else waits in its shadow.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { isatty } from "node:tty";
import { projectNode, root } from "./installation.mjs";

const flags = ["--disable-warning=ExperimentalWarning"];

/** Runs a script with the project's Node. Does not return: this process ends with the script's exit code or signal. */
export function runNode(script, args) {
  const all = [...flags, script, ...args];
  // Compiled code is kept, for quick starts.
  const env = { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compile"), ...process.env };
  // Without a process that only waits there is also none to keep in memory (Node 22.15 and later, not on Windows).
  if (process.execve !== undefined && process.platform !== "win32") {
    process.execve(projectNode, [projectNode, ...all], env);
  }
  const child = spawn(projectNode, all, { env, stdio: "inherit" });
  // A terminal sends Ctrl-C to the child as well; a second one from us would count as a second Ctrl-C.
  process.on("SIGINT", () => isatty(0) || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("error", (thrown) => {
    console.error(`Node could not be started: ${thrown.message}`);
    process.exit(1);
  });
  child.once("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
