// Shows how far an installation is: one live line on a terminal, a few plain lines elsewhere.

import { existsSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isatty } from "node:tty";

const progressMs = 500;
const plainProgressMs = 10_000;

/** Begins to show an installation into `modules`; `stop` ends the live line, `say` prints a line of its own. */
export function showProgress(modules) {
  // writeSync: process.stderr would be left open, and perhaps non-blocking, when the project's Node takes over.
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const say = (line) => writeSync(2, `${line}\n`);
  if (!isatty(2)) {
    say("Installing packages for the first start (about half a minute) ...");
    const timer = setInterval(() => say(`${phase(modules)}, ${seconds()} s`), plainProgressMs);
    return { seconds, say, stop: () => clearInterval(timer) };
  }
  const draw = () => writeSync(2, `\r\x1b[KInstalling: ${phase(modules)}, ${seconds()} s`);
  draw();
  const timer = setInterval(draw, progressMs);
  return {
    seconds,
    say,
    stop: () => {
      clearInterval(timer);
      writeSync(2, "\r\x1b[K");
    },
  };
}

function phase(modules) {
  let packages = 0;
  try {
    packages = readdirSync(modules).length;
  } catch {
    // Not there yet.
  }
  if (packages === 0) return "fetching packages";
  return existsSync(join(modules, "node", "installArchSpecificPackage.js")) ? "fetching Node" : "unpacking packages";
}
