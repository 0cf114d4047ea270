// Where secrets are kept on this machine: files that nobody else may read, or the environment.

import { constants } from "node:fs";
import { mkdir, open, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LockgateError } from "./errors.ts";
import type { SecretSource, SecretVersion } from "./secrets.ts";

const mostBytes = 65_536;
/** A file of a name, or of one of its versions: `name`, `name.v2`. */
const VERSION = /\.v(\d{1,9})$/;

/**
 * A directory with one file for each version of a secret: `name`, then `name.v2`, `name.v3` …; the highest is the newest, and
 * those below it are accepted for as long as they are there. `name.expires` holds the instant at which the newest ends.
 * Every file MUST be ours and closed to all others.
 */
export function secretFiles(directory: string): SecretSource {
  const read = async (file: string): Promise<string> => {
    // The checks are of the very file that is read, and never of what a link leads to.
    const handle = await open(join(directory, file), constants.O_RDONLY | constants.O_NOFOLLOW).catch(
      (cause: unknown) => {
        const isAbsent = (cause as { code?: string }).code === "ENOENT";
        throw new LockgateError(isAbsent ? "SECRET_UNKNOWN" : "SECRET_INVALID", { at: file, cause });
      },
    );
    try {
      const { mode, uid, size } = await handle.stat();
      const isOurs = process.platform === "win32" || (uid === process.getuid?.() && (mode & 0o077) === 0);
      if (!isOurs) throw new LockgateError("SECRET_INVALID", { at: file, reason: "not 0600 and ours" });
      if (size > mostBytes) throw new LockgateError("SECRET_INVALID", { at: file, reason: "too long" });
      const text = (await handle.readFile("utf8")).trim();
      if (text === "") throw new LockgateError("SECRET_INVALID", { at: file, reason: "empty" });
      return text;
    } finally {
      await handle.close();
    }
  };
  return {
    async read(name, version) {
      const files = await readdir(directory).catch((cause: unknown) => {
        throw new LockgateError("SECRET_UNKNOWN", { at: name, cause });
      });
      const known = files
        .filter((file) => file.replace(VERSION, "") === name)
        .map((file) => ({ file, number: Number(VERSION.exec(file)?.[1] ?? 1) }))
        .filter(({ number }) => version === undefined || version === String(number))
        .toSorted((a, b) => b.number - a.number);
      const expires = files.includes(`${name}.expires`) ? new Date(await read(`${name}.expires`)) : undefined;
      const versions = await Promise.all(
        known.map(
          async ({ file, number }, index): Promise<SecretVersion> => ({
            version: String(number),
            value: await read(file),
            ...(index === 0 && expires ? { expiresAt: expires } : {}),
          }),
        ),
      );
      return atLeastOne(name, versions);
    },
  };
}

/** Makes a secret file where there is none yet. @returns whether it was made */
export async function makeSecretFile(directory: string, name: string, value: string): Promise<boolean> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    await writeFile(join(directory, name), `${value}\n`, { mode: 0o600, flag: "wx", flush: true });
    return true;
  } catch (thrown) {
    if ((thrown as { code?: string }).code === "EEXIST") return false;
    throw new LockgateError("SECRET_INVALID", { at: name, cause: thrown });
  }
}

/** Variables that hold secrets begin with it. */
export const secretVariablePrefix = "LOCKGATE_SECRET_";

/** `LOCKGATE_SECRET_NAV_ACCESS_KEY` for `nav-access-key`; the version before it under the same name and `_PREVIOUS`. */
export const secretEnvironment = (environment: NodeJS.ProcessEnv): SecretSource => ({
  async read(name, version) {
    const variable = `${secretVariablePrefix}${name.toUpperCase().replaceAll("-", "_")}`;
    const versions = [
      { version: "current", value: environment[variable] },
      { version: "previous", value: environment[`${variable}_PREVIOUS`] },
    ].filter((one): one is SecretVersion => Boolean(one.value) && (version === undefined || one.version === version));
    return atLeastOne(name, versions);
  },
});

function atLeastOne(
  name: string,
  [newest, ...others]: readonly SecretVersion[],
): readonly [SecretVersion, ...SecretVersion[]] {
  if (!newest) throw new LockgateError("SECRET_UNKNOWN", { at: name });
  return [newest, ...others];
}
