// Loads a site's channels from its folder.

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ChannelDefinition } from "#engine/channels";
import { LockgateError } from "#kernel/errors";
import type { ChannelFile, Site } from "#lockgate";
import type { Config } from "./config.ts";

/** The text that a channel was made from. */
export type ChannelText = { readonly file: string; readonly text: string; readonly digest: string };

const texts = new WeakMap<ChannelDefinition, ChannelText>();

/** Undefined: it was not loaded from a file. */
export const textOf = (definition: ChannelDefinition): ChannelText | undefined => texts.get(definition);

/** What an installation tells its channels. */
export const siteOf = ({ environment, portBase }: Pick<Config, "environment" | "portBase">): Site => ({
  environment,
  port: (offset) => portBase + offset,
});

/** What tells one text of a channel from another. */
export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The channels of `integrations/<site>`, by file name. @throws CONFIG_INVALID */
export async function loadChannels(config: Config, root: string): Promise<ChannelDefinition[]> {
  const directory = join(root, "integrations", config.site);
  const files = await readdir(directory).catch((cause: unknown) => {
    throw new LockgateError("CONFIG_INVALID", { at: "site", reason: `no folder ${directory}`, cause });
  });
  const site = siteOf(config);
  const channels = await Promise.all(
    files
      .filter((file) => file.endsWith(".channel.ts"))
      .sort()
      .map(async (file) => {
        const { default: make } = (await import(pathToFileURL(join(directory, file)).href)) as { default: ChannelFile };
        const definition = make(site);
        const text = await readFile(join(directory, file), "utf8");
        texts.set(definition, { file, text, digest: digestOf(text) });
        return definition;
      }),
  );
  const names = new Set<string>();
  for (const { name } of channels) {
    if (names.has(name))
      throw new LockgateError("CONFIG_INVALID", { at: `channel ${name}`, reason: "two files define it" });
    names.add(name);
  }
  return channels;
}
