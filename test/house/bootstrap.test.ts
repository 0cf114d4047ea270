// What `npm start` does before Lockgate runs: knows a complete installation from an incomplete one, and explains npm.

import { describe, expect, test } from "vitest";

type Packages = Record<string, { version?: string; dev?: boolean; optional?: boolean; devOptional?: boolean }>;
type Installation = {
  stampOf(packageLock: string, packageJson: string, platform: string): string;
  missingPackages(
    wanted: { packages: Packages },
    installed: { packages?: Packages },
    scope: { dev: boolean },
  ): string[];
};
type NpmRun = { explainNpmFailure(output: string): { line: string; full: boolean } };

// Loaded by address: the scripts run on any Node from 18 on and have no types.
const load = (name: string) => import(new URL(`../../bin/${name}`, import.meta.url).href);
const { stampOf, missingPackages }: Installation = await load("installation.mjs");
const { explainNpmFailure }: NpmRun = await load("npm-run.mjs");

describe("stampOf", () => {
  const stamp = stampOf("lock", "json", "linux-x64");

  test("gives the same stamp for the same installation", () => {
    expect(stampOf("lock", "json", "linux-x64")).toBe(stamp);
  });

  test.each([
    ["package-lock.json changes", "lock2", "json", "linux-x64"],
    ["package.json changes", "lock", "json2", "linux-x64"],
    ["the machine changes", "lock", "json", "darwin-arm64"],
    ["text moves from one file to the other", "lockj", "son", "linux-x64"],
  ])("gives another stamp when %s", (_, lock, json, platform) => {
    expect(stampOf(lock, json, platform)).not.toBe(stamp);
  });
});

describe("missingPackages", () => {
  const wanted: { packages: Packages } = {
    packages: {
      "": { version: "0.1.0" },
      "node_modules/a": { version: "1.0.0" },
      "node_modules/tool": { version: "1.0.0", dev: true },
      "node_modules/for-another-platform": { version: "1.0.0", optional: true },
      "node_modules/perhaps": { version: "1.0.0", devOptional: true },
    },
  };
  const a = { "node_modules/a": { version: "1.0.0" } };
  const tool = { "node_modules/tool": { version: "1.0.0" } };

  test.each<[string, Packages | undefined, boolean, string[]]>([
    ["nothing when all is there", { ...a, ...tool }, true, []],
    ["nothing when only development packages are absent and not needed", a, false, []],
    ["development packages when they are needed", a, true, ["node_modules/tool"]],
    ["a package of another version", { ...tool, "node_modules/a": { version: "1.0.1" } }, true, ["node_modules/a"]],
    ["everything when nothing is installed", undefined, true, ["node_modules/a", "node_modules/tool"]],
  ])("names %s", (_, packages, dev, missing) => {
    expect(missingPackages(wanted, packages ? { packages } : {}, { dev })).toEqual(missing);
  });
});

describe("explainNpmFailure", () => {
  test.each([
    ["npm error code ENOTFOUND\nnpm error network request to registry failed", "cannot be reached"],
    ["npm error code ECONNREFUSED", "cannot be reached"],
    ["npm error code ENOSPC\nnpm error nospc no space left on device, write", "disk is full"],
    ["npm error code E403", "refused access"],
    ["npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error self-signed certificate", "certificate"],
    ["npm error code EACCES\nnpm error syscall mkdir", "may not write"],
    ["npm error code EUSAGE", "disagree"],
  ])("says in one line what %j means", (output, part) => {
    const { line, full } = explainNpmFailure(output);
    expect(line).toContain(part);
    expect(line).not.toContain("\n");
    expect(full).toBe(true);
  });

  test("admits that an unknown failure needs npm's own output", () => {
    expect(explainNpmFailure("npm error code EWEIRD")).toMatchObject({ full: false });
  });
});
