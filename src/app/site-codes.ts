// The code maps that a site brings along: taken over at the first start, and changed from then on by people.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { supplyLists } from "#canonical/contracts";
import type { Codes } from "#engine/codes";
import { LockgateError } from "#kernel/errors";
import type { Config } from "./config.ts";
import { root } from "./installation.ts";

const shape = z.array(
  z.strictObject({
    map: z.enum(supplyLists),
    /** Whose codes they are. */
    system: z.string().min(1).max(50),
    /** What each stands for in the ERP. */
    codes: z.record(z.string().min(1).max(50), z.string().min(1).max(50)),
  }),
);

/** Takes over `integrations/<site>/codes.yaml`, where there is one: what nobody has mapped so far. @throws CONFIG_INVALID */
export async function installSiteCodes(codes: Codes, { site }: Pick<Config, "site">): Promise<void> {
  const file = join(root, "integrations", site, "codes.yaml");
  const text = await readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
  if (text === undefined) return;
  for (const { map, system, codes: targets } of parsed(text, file)) await codes.install(map, system, targets);
}

function parsed(text: string, file: string): z.output<typeof shape> {
  try {
    return shape.parse(parse(text));
  } catch (cause) {
    throw new LockgateError("CONFIG_INVALID", { at: file, reason: "no code maps of the documented form", cause });
  }
}
