// Masks that are not of the documented form stop the start.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readMasks } from "../../../src/gateway/policy/masks.ts";
import { FOLDER } from "./askers.ts";

const FILE = `${FOLDER}/masks.yaml`;

describe("the masks", () => {
  const text = readFileSync(FILE, "utf8");
  const reading = (changed: string) => {
    const folder = mkdtempSync(join(tmpdir(), "lockgate-masks-"));
    try {
      writeFileSync(join(folder, "masks.yaml"), changed);
      return readMasks(join(folder, "masks.yaml"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test.each([
    ["a role that there is not", text.replace("roles: [auditor]", "roles: [auditors]")],
    ["an audience that there is not", text.replace("visible: [record, followers]", "visible: [records]")],
    ["a type that there is not", `${text}\n  invoice:\n    - { fields: [id], visible: [everybody] }\n`],
    ["a setting that there is not", text.replace("whereabouts: always", "wherabouts: always")],
    ["a path named twice", text.replace("fields: [nhsNumber]", "fields: [nhsNumber, id]")],
    ["a path within another", text.replace("fields: [nhsNumber]", "fields: [nhsNumber, title.a]")],
    ["a path that leads to prototypes", text.replace("fields: [nhsNumber]", "fields: [__proto__]")],
    ["text that is not YAML", "types: ["],
  ])("with %s stop the start", (_what, changed) => {
    expect(changed).not.toBe(text);
    expect(() => reading(changed)).toThrow(expect.objectContaining({ code: "POLICY_INVALID" }));
  });

  test("with a type left out stop the start", () => {
    expect(() => reading(text.slice(0, text.indexOf("  saga:")))).toThrow(
      expect.objectContaining({ code: "POLICY_INVALID" }),
    );
  });
});
