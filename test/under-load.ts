// What rotations are tested by: requests that go on while something changes, and a store of secrets that a test turns over.

import { systemClock } from "#kernel/clock";
import { openLog } from "#kernel/log";
import { openSecrets, type SecretStore } from "#kernel/secrets";

const LANES = 3;

/** Asks on several lanes at once while `steps` are gone, with some requests between each two. @returns what came of each */
export async function underLoad<Outcome>(
  ask: () => Promise<Outcome>,
  steps: readonly (() => unknown)[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let isOver = false;
  const lanes = Array.from({ length: LANES }, async () => {
    while (!isOver) outcomes.push(await ask());
  });
  const some = async () => {
    const enough = outcomes.length + 2 * LANES;
    while (outcomes.length < enough) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  try {
    await some();
    for (const step of steps) {
      await step();
      await some();
    }
  } finally {
    isOver = true;
    await Promise.all(lanes);
  }
  return outcomes;
}

/** A store of secrets whose versions, newest first, are what `versions` says at the moment. */
export const storeOf = (versions: Readonly<Record<string, () => readonly string[]>>): SecretStore =>
  openSecrets(
    {
      read: async (name) => {
        const [newest, ...others] = versions[name]!().map((value) => ({ version: value.slice(0, 8), value }));
        return [newest!, ...others];
      },
    },
    { clock: systemClock, log: openLog("silent"), refreshMs: 3_600_000 },
  );
