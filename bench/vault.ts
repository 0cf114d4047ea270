// What sealing costs: CPU of one seal, one open and one keyed hash, by size.

import { knownVault as vault } from "./known-vault.ts";

const column = "backbone.message.body";
const row = "0197d1f0-0000-7000-8000-000000000001 7";
const rounds = 100_000;

/** Microseconds of CPU that one call takes, all threads counted. */
function costOf(work: () => unknown): number {
  for (let warm = 0; warm < rounds / 10; warm += 1) work();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) work();
  const { user, system } = process.cpuUsage(before);
  return Number(((user + system) / rounds).toFixed(2));
}

const report = (line: object) => process.stdout.write(`${JSON.stringify({ bench: "vault", ...line })}\n`);
for (const bytes of [100, 1_000, 10_000]) {
  const plain = Buffer.alloc(bytes, 97);
  const sealed = vault.seal(plain, column, row);
  report({
    bytes,
    sealMicros: costOf(() => vault.seal(plain, column, row)),
    openMicros: costOf(() => vault.open(sealed, column, row)),
  });
}
const keys = Array.from({ length: 14 }, (_, index) => index * 1_234_567_891);
report({
  seekMicros: costOf(() => vault.seek("9434765919", "nhs number")),
  blind14Micros: costOf(() => vault.blind(keys)),
});
