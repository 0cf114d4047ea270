// Tells whether node_modules fits package-lock.json and this machine, and installs it with the system's npm if not.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lockInstallation } from "./install-lock.mjs";
import { showProgress } from "./install-progress.mjs";
import { InstallError, runNpm, runOnSystemNode } from "./npm-run.mjs";

/** The project's directory. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

const modules = join(root, "node_modules");
const stampFile = join(modules, ".lockgate-stamp");
const megabyte = 1024 * 1024;
const neededBytes = 700 * megabyte;
const windows = process.platform === "win32";

/** Node of the version the project is written for, as npm installed it. */
export const projectNode = join(modules, "node", "bin", windows ? "node.exe" : "node");

/** What an installation is made from and for: changes with either package file, the platform, or the processor. */
export function stampOf(packageLock, packageJson, platform) {
  const hash = createHash("sha256");
  for (const part of [packageLock, packageJson, platform]) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex");
}

/**
 * Paths of packages that the lock file asks for and the installation lacks or has in another version. What is optional
 * may be absent: it is mostly for other platforms. `dev` includes the packages only development needs.
 */
export function missingPackages(wanted, installed, { dev }) {
  return Object.entries(wanted.packages)
    .filter(
      ([path, entry]) => path !== "" && !entry.link && !entry.optional && !entry.devOptional && (dev || !entry.dev),
    )
    .filter(([path, entry]) => installed.packages?.[path]?.version !== entry.version)
    .map(([path]) => path);
}

/**
 * Makes sure that the packages and the project's Node are installed; if they cannot be, says why and ends the process.
 * `dev`: with what tests and checks need.
 */
export async function installOrExit({ dev }) {
  try {
    await ensureInstalled(dev);
  } catch (thrown) {
    if (!(thrown instanceof InstallError)) throw thrown;
    if (thrown.npmOutput) console.error(thrown.npmOutput.trimEnd());
    console.error(thrown.message);
    process.exit(1);
  }
}

async function ensureInstalled(dev) {
  if (!existsSync(join(root, "package-lock.json")) || isInstalled(dev)) return;
  const release = await lockInstallation(root);
  try {
    if (!isInstalled(dev)) await install(dev);
  } finally {
    release();
  }
}

function currentStamp() {
  const read = (name) => readFileSync(join(root, name), "utf8");
  return stampOf(read("package-lock.json"), read("package.json"), `${process.platform}-${process.arch}`);
}

function isInstalled(dev) {
  const stamp = readJson(stampFile);
  const hash = currentStamp();
  if (stamp?.hash === hash && (stamp.dev || !dev)) return existsSync(projectNode);
  // Somebody may have run npm by hand: then it is only our stamp that is missing.
  return fits(dev) && nodeRuns() && writeStamp(hash);
}

function fits(dev) {
  const installed = readJson(join(modules, ".package-lock.json"));
  if (installed === undefined) return false;
  const wanted = readJson(join(root, "package-lock.json"));
  if (missingPackages(wanted, installed, { dev }).length > 0) return false;
  return Object.entries(installed.packages).every(
    ([path, entry]) => entry.link || existsSync(join(root, path, "package.json")),
  );
}

function nodeRuns() {
  return existsSync(projectNode) && spawnSync(projectNode, ["--version"], { stdio: "ignore" }).status === 0;
}

function writeStamp(hash) {
  try {
    writeFileSync(stampFile, JSON.stringify({ hash, dev: fits(true) }));
  } catch {
    // A read-only installation is checked in full each time.
  }
  return true;
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

async function install(dev) {
  // Asked first, because a disk that fills up on the way shows itself in many disguises.
  const { bavail, bsize } = statfsSync(root);
  if (bavail * bsize < neededBytes) {
    throw new InstallError(`The disk is full: installing needs ${neededBytes / megabyte} MB free in ${root}.`);
  }
  const progress = showProgress(modules);
  try {
    const flags = ["--no-audit", "--no-fund", "--no-progress", "--no-update-notifier", "--loglevel=error"];
    // Give up on a dead network in seconds, not in minutes.
    const network = [
      "--prefer-offline",
      "--fetch-retries=4",
      "--fetch-retry-factor=2",
      "--fetch-retry-mintimeout=1000",
    ];
    const scope = dev ? ["--include=dev"] : [];
    await runNpm(["ci", "--engine-strict=false", ...flags, ...network, ...scope], root);
    if (!nodeRuns()) await installNode();
    if (!fits(dev)) throw new InstallError("npm finished, but packages are missing from node_modules.");
    writeStamp(currentStamp());
  } finally {
    progress.stop();
  }
  progress.say(`Installed in ${progress.seconds()} s.`);
}

// Where install scripts are switched off, the `node` package has not fetched its program.
async function installNode() {
  await runOnSystemNode("installArchSpecificPackage.js", join(modules, "node"));
  const link = join(modules, ".bin", "node");
  if (!windows && !existsSync(link)) {
    rmSync(link, { force: true });
    mkdirSync(join(modules, ".bin"), { recursive: true });
    symlinkSync(join("..", "node", "bin", "node"), link);
  }
  if (!nodeRuns()) throw new InstallError("The Node that npm installed does not run on this machine.");
}
