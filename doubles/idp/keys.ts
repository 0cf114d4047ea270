// The provider's signing keys: one signs, the one before and the next are published beside it; kept in a file over restarts.

import { generateKeyPairSync, type JsonWebKey, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const rotationSteps = ["announce", "sign", "retire"] as const;
export type RotationStep = (typeof rotationSteps)[number];

/** The keys of one provider. */
export type Keys = {
  /** The first signs. */
  readonly all: readonly JsonWebKey[];
  /** A step of a rotation: `announce` publishes the next one, `sign` has it sign, `retire` publishes no other any more. */
  rotate(step: RotationStep): void;
};

/** The keys of a directory, made at the first start; in memory without a directory. */
export function openKeys(directory: string | undefined): Keys {
  let all = (directory && readKeys(directory)) || [newKey()];
  const keep = (): void => {
    if (directory === undefined) return;
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "idp.keys.json"), JSON.stringify(all), { mode: 0o600 });
  };
  keep();
  return {
    get all() {
      return all;
    },
    rotate(step) {
      if (step === "announce") all = [...all, newKey()];
      else if (step === "sign") all = [all.at(-1)!, ...all.slice(0, -1)];
      else all = all.slice(0, 1);
      keep();
    },
  };
}

const newKey = (): JsonWebKey => ({
  ...generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export({ format: "jwk" }),
  kid: randomUUID(),
  alg: "RS256",
  use: "sig",
});

function readKeys(directory: string): JsonWebKey[] | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, "idp.keys.json"), "utf8")) as JsonWebKey[];
  } catch {
    return undefined;
  }
}
