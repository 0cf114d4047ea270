// `lockgate work groups …` as the command line has it.

import { type Command, Option } from "commander";
import type { CommandOptions } from "./command-options.ts";
import type { GroupWords } from "./commands/work-groups.ts";

type Given = { readonly json: boolean; readonly as?: string };

const commandsOf = () => import("./commands/work-groups.ts");

/** Adds the commands of one decision for many items to those of items. */
export function addGroupCommands(items: Command, { make, run }: Pick<CommandOptions, "make" | "run">): void {
  const groups = items.command("groups").description("one decision for many work items, as one job");
  make(groups, "preview", "fix which items are meant, and look at them")
    .requiredOption("--like <item>", "all that wait for the same cause as this one")
    .addOption(
      new Option("--deed <deed>", "what is done to each").choices(["decide", "claim", "comment"]).default("decide"),
    )
    .option("--action <name>", "to decide: one of the items' actions")
    .action(({ json, as, like, deed, action }: Given & GroupWords) =>
      run({ json, as }, async (caller) => (await commandsOf()).previewGroup(caller, { like, deed, action }, json)),
    );
  make(groups, "start", "start exactly what was looked at, in one's own name")
    .argument("<id>")
    .requiredOption("--digest <digest>", "as the preview says it")
    .option("--comment <text>", "why; it is written under each item")
    .action((id: string, { json, as, digest, comment }: Given & { digest: string; comment?: string }) =>
      run({ json, as, reason: comment }, async (caller) =>
        (await commandsOf()).startGroup(caller, id, { digest, comment }, json),
      ),
    );
  make(groups, "show", "show how one stands, and which items were not done")
    .argument("<id>")
    .action((id: string, { json, as }: Given) =>
      run({ json, as }, async (caller) => (await commandsOf()).showGroup(caller, id, json)),
    );
  make(groups, "follow", "tell how far one is until it ends or stops")
    .argument("<id>")
    .action((id: string, { json, as }: Given) =>
      run({ json, as }, async (caller) => (await commandsOf()).followGroup(caller, id, json)),
    );
  for (const [deed, description] of [
    ["pause", "take up no more items until it is resumed"],
    ["resume", "go on where it stopped, in one's own name"],
    ["cancel", "take up no more items for good"],
  ] as const)
    make(groups, deed, description)
      .argument("<id>")
      .action((id: string, { json, as }: Given) =>
        run({ json, as }, async (caller) => (await commandsOf()).steerGroup(caller, deed, id, json)),
      );
}
