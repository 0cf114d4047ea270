// A channel made from a text that does not stand in the site's folder: one that was deployed before, or one under trial.

import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ChannelDefinition } from "#engine/channels";
import { LockgateError } from "#kernel/errors";
import type { ChannelFile } from "#lockgate";
import type { Config } from "./config.ts";
import { root } from "./installation.ts";
import { type ChannelText, siteOf } from "./site.ts";

/**
 * Loads a text as if it stood in the site's folder under its name, so that it imports what it would import there. It is code
 * of this installation's own, given on this machine: nothing that came over a wire may get here.
 * @throws CONFIG_INVALID for a text that is no channel
 */
export async function channelFrom({ file, text, digest }: ChannelText, config: Config): Promise<ChannelDefinition> {
  const address = pathToFileURL(join(root, "integrations", config.site, file));
  address.search = `?text=${digest}`;
  const { href } = address;
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === href ? { url: href, shortCircuit: true } : next(specifier, context),
    load: (url, context, next) =>
      url === href ? { format: "module-typescript", source: text, shortCircuit: true } : next(url, context),
  });
  try {
    const { default: make } = (await import(href)) as { default: ChannelFile };
    const definition = make(siteOf(config));
    if (typeof definition?.name !== "string" || typeof definition.transform !== "function")
      throw new TypeError("it exports no channel");
    return definition;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0]! : "it cannot be loaded";
    throw new LockgateError("CONFIG_INVALID", { at: file, reason, cause });
  } finally {
    hooks.deregister();
  }
}
