// The rules that the tests of demographics decide by: the pack that is shipped.

import { readFile } from "node:fs/promises";
import { type Pack, readPack } from "#canonical/packs";

export async function rulesOfTests(): Promise<{ current(name: string): Promise<Pack> }> {
  const pack = readPack(await readFile(new URL("../../resources/rules/demographics.yaml", import.meta.url), "utf8"));
  return { current: async () => pack };
}
