// Evidence: leaves of the audit with their proofs, to be handed to whoever does not take our word.

import { verifyEntry } from "../proofs/verify.ts";
import { answerOf, api } from "./client.ts";
import type { Leaf } from "./journeys.ts";

const AT_ONCE = 6;

/** What is made of each position, a few at a time: a browser asks no more at once of one place. */
async function someAtOnce<Made>(
  leaves: readonly Pick<Leaf, "position">[],
  make: (position: number) => Promise<Made>,
): Promise<Made[]> {
  const positions = leaves.flatMap(({ position }) => (position === undefined ? [] : [position]));
  const made: Made[] = [];
  for (let at = 0; at < positions.length; at += AT_ONCE)
    made.push(...(await Promise.all(positions.slice(at, at + AT_ONCE).map(make))));
  return made;
}

/** Whether each leaf is in the log as it is signed, by its position; worked out in this browser. */
export async function proveLeaves(verifier: string, leaves: readonly Leaf[]): Promise<ReadonlyMap<number, boolean>> {
  const proven = await someAtOnce(leaves, async (position) => {
    const { isIncluded } = await verifyEntry(verifier, String(position));
    return [position, isIncluded] as const;
  });
  return new Map(proven);
}

/**
 * What somebody else can check without us: the signed checkpoint, and each leaf with its proof (C2SP tlog-proof).
 * @param about what the leaves are about, as it was shown
 */
export async function bundleOf(about: object, leaves: readonly Pick<Leaf, "position">[]): Promise<object> {
  const { note } = await answerOf(api.GET("/audit/checkpoint"));
  const proofs = await someAtOnce(leaves, async (position) => {
    const path = { position: String(position) };
    const { index, size, body, proof } = await answerOf(api.GET("/audit/proof/{position}", { params: { path } }));
    return { index, size, body, proof };
  });
  return {
    format: "lockgate-evidence-1",
    madeAt: new Date().toISOString(),
    ...about,
    checkpoint: note,
    leaves: proofs,
  };
}

/** Hands a text to whoever looks, as a file. */
export function download(name: string, content: object): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
