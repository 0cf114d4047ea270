// Signed notes and checkpoints, against the specification's example and the reference log.

import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { directoryLog, verifyAudit } from "#engine/audit";
import { signerOf } from "../../../src/engine/audit/keys.ts";
import { leafHash, rootOf } from "../../../src/engine/audit/merkle.ts";
import {
  checkpointText,
  openCheckpoint,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  signCheckpoint,
  signNote,
  verifierKeyText,
} from "../../../src/engine/audit/note.ts";
import { bundlePath, decodeBundle, tilePath } from "../../../src/engine/audit/tiles.ts";
import { readLogKey, readSignedRoot } from "../../../src/engine/audit/verify/signed-checkpoint.ts";
import { present, tesseraLog } from "./shared-data.ts";

const badCheckpoint = expect.objectContaining({ code: "AUDIT_BAD_CHECKPOINT" });
const signer = signerOf("test", generateKeyPairSync("ed25519").privateKey);
const other = signerOf("test", generateKeyPairSync("ed25519").privateKey);
const root = leafHash("root");

/** The example of C2SP signed-note. */
const exampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const exampleNote =
  "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

describe("notes", () => {
  test("the specification's example opens with its key", () => {
    expect(openNote(exampleNote, parseVerifierKey(exampleKey))).toBe("This is an example message.\n");
  });

  test("a verifier key survives its text form", () => {
    expect(verifierKeyText(parseVerifierKey(exampleKey))).toBe(exampleKey);
    expect(verifierKeyText(parseVerifierKey(`${verifierKeyText(signer)}\n`))).toBe(verifierKeyText(signer));
  });

  test.each([
    "",
    "a+b",
    exampleKey.replace("530d903a", "530d903b"),
    exampleKey.replace("+Ae", "+Be"),
    `${exampleKey}AA`,
  ])("what is no verifier key is refused (%#)", (text) => {
    expect(() => parseVerifierKey(text)).toThrow(badCheckpoint);
    expect(readLogKey(text)).toBeUndefined();
  });

  test("a signature by somebody else beside ours is ignored", () => {
    const ours = signNote("text\n", signer);
    const both = `${ours}${signNote("text\n", { ...other, name: "witness.example" }).split("\n\n")[1]}`;
    expect(openNote(both, signer)).toBe("text\n");
  });

  test.each([
    ["unsigned", "text\n\n"],
    ["without a blank line", "text\n"],
    ["with a line that is no signature", `${signNote("text\n", signer)}not a signature\n`],
    ["with a control character", signNote("te\u0007xt\n", signer)],
    ["signed with another key of the same name", signNote("text\n", other)],
    ["altered after signing", signNote("text\n", signer).replace("text", "texT")],
    ["whose last newline is gone", signNote("text\n", signer).slice(0, -1)],
  ])("a note %s is refused", (_, note) => {
    expect(() => openNote(note, signer)).toThrow(badCheckpoint);
  });
});

describe("checkpoints", () => {
  test("a signed checkpoint opens, and the verifier's own reader agrees", () => {
    const note = signCheckpoint({ size: 42, root }, signer);
    expect(openCheckpoint(note, signer)).toEqual({ origin: "lockgate/test", size: 42, root });
    expect(readSignedRoot(note, readLogKey(verifierKeyText(signer))!)).toEqual({ size: 42, root });
  });

  test("the same tree signed twice is the same note", () => {
    expect(signCheckpoint({ size: 42, root }, signer)).toBe(signCheckpoint({ size: 42, root }, signer));
  });

  test("a checkpoint of another origin under our key is refused by both readers", () => {
    const note = signNote(checkpointText({ origin: "lockgate/other", size: 42, root }), signer);
    expect(() => openCheckpoint(note, signer)).toThrow(badCheckpoint);
    expect(readSignedRoot(note, readLogKey(verifierKeyText(signer))!)).toBeUndefined();
  });

  test.each([
    "",
    "origin\n1\n",
    "origin\n01\nAAAA\n",
    `origin\n-1\n${root.toString("base64")}\n`,
    `origin\n1\n${root.toString("base64").slice(4)}\n`,
    `\n1\n${root.toString("base64")}\n`,
  ])("a malformed text is refused (%#)", (text) => {
    expect(() => parseCheckpoint(text)).toThrow(badCheckpoint);
  });
});

describe.skipIf(!present)("the reference log of Tessera (skipped where ../shared/data/tlog is absent)", () => {
  const key = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
  const read = (path: string): Buffer => readFileSync(join(tesseraLog, path));
  const sizes = readdirSync(present ? tesseraLog : ".")
    .map((name) => /^checkpoint\.(\d+)$/.exec(name)?.[1])
    .filter((size) => size !== undefined)
    .map(Number)
    .filter((size) => size > 0);

  test("all fifteen checkpoints carry a good signature, the root of their entries, and their tile's bytes", () => {
    expect(sizes).toHaveLength(15);
    for (const size of sizes) {
      const checkpoint = openCheckpoint(read(`checkpoint.${size}`).toString(), parseVerifierKey(key));
      const hashes = decodeBundle(read(bundlePath(0, size))).map(leafHash);
      expect(checkpoint.size).toBe(size);
      expect(rootOf(hashes)).toEqual(checkpoint.root);
      expect(read(tilePath(0, 0, size))).toEqual(Buffer.concat(hashes));
    }
  });

  test("the verifier finds it intact, with every earlier checkpoint pinned", async () => {
    const pinned = sizes.map((size) => read(`checkpoint.${size}`).toString());
    const verdict = await verifyAudit({ ...(await directoryLog(tesseraLog)), verifierKey: key, pinned });
    expect(verdict).toEqual({ intact: true, size: 15, pending: 0, checkpoints: 15, located: true, faults: [] });
  });
});
