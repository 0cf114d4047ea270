// Lets one start at a time install packages.

import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { explainNpmFailure, InstallError } from "./npm-run.mjs";

const lockPollMs = 250;

/** Waits until no other start of this user installs into `root`; resolves with what gives the right up again. */
export async function lockInstallation(root) {
  // Outside node_modules, which npm removes.
  const hash = createHash("sha256").update(`${process.getuid?.()}:${root}`).digest("hex").slice(0, 16);
  const path = join(tmpdir(), `lockgate-install-${hash}`);
  const token = `${process.pid} ${Math.random()}`;
  let told = false;
  for (;;) {
    if (claimed(path, token)) {
      // Of two that removed the same stale lock, the later may have removed the earlier's new one.
      await pause(lockPollMs);
      if (readText(path) === token) return () => rmSync(path, { force: true });
      continue;
    }
    const holder = Number.parseInt(readText(path), 10);
    if (holder > 0 && !isAlive(holder)) rmSync(path, { force: true });
    else if (!told) {
      told = true;
      writeSync(2, "Waiting for another start that is installing packages ...\n");
    }
    await pause(lockPollMs);
  }
}

function claimed(path, token) {
  try {
    writeFileSync(path, token, { flag: "wx", mode: 0o600 });
    return true;
  } catch (thrown) {
    if (thrown.code === "EEXIST") return false;
    throw new InstallError(explainNpmFailure(String(thrown.code)).line);
  }
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown.code === "EPERM";
  }
}
