// `lockgate work …` as the command line has it.

import type { Command } from "commander";
import type { CommandOptions } from "./command-options.ts";
import { addGroupCommands } from "./group-commands.ts";

const commandsOf = () => import("./commands/work.ts");

/** Deeds that say nothing besides, or why; the option's words. */
const DEEDS = [
  ["claim", "take one on: nobody else decides it meanwhile", undefined],
  ["release", "give one back that was claimed", undefined],
  ["comment", "say something about one, for the others", "what to say"],
  ["inquire", "say what is missing before one can be decided; it stays open and is due later", "what is missing"],
  ["escalate", "raise one by a step and take it off its owner", "why"],
] as const;

/** Adds the commands of work items to `program`. */
export function addWorkCommands(program: Command, { make, makePersonal, run }: CommandOptions): void {
  const items = program.command("work").description("work items: what waits for a person");
  make(items, "list", "list what waits, the most pressing first; or what is in a state")
    .option("--queue <name>", "of one queue")
    .option("--domain <name>", "of one domain")
    .option("--mine", "claimed by whoever asks", false)
    .option("--state <state>", "open, claimed, decided, expired or withdrawn")
    .action(({ json, as, mine, queue, domain, state }) =>
      run({ json, as }, async (caller) =>
        (await commandsOf()).listWork(caller, { queue, domain, state, ...(mine ? { mine } : {}) }, json),
      ),
    );
  makePersonal(items, "show", "show one with what is decided on; the access is audited")
    .argument("<id>")
    .action((id, { json, ...asking }) =>
      run({ json, ...asking }, async (caller) => (await commandsOf()).showWork(caller, id, json)),
    );
  for (const [deed, description, words] of DEEDS) {
    const tending = make(items, deed, description).argument("<id>");
    if (words) tending.requiredOption("--comment <text>", words);
    tending.action((id, { json, as, comment }) =>
      run({ json, as, reason: comment }, async (caller) =>
        (await commandsOf()).tendWork(caller, deed, id, comment, json),
      ),
    );
  }
  make(items, "assign", "give one to somebody who may decide it; without a person, say who that may be")
    .argument("<id>")
    .option("--to <person>", "whom, as the list without a person says")
    .action((id, { json, as, to }) =>
      run({ json, as }, async (caller) =>
        to === undefined
          ? (await commandsOf()).listAssignees(caller, id, json)
          : (await commandsOf()).assignWork(caller, id, to, json),
      ),
    );
  make(items, "decide", "choose an action")
    .argument("<id>")
    .requiredOption("--action <name>", "one of the item's actions")
    .option("--comment <text>", "why; whoever asked is told")
    .option(
      "--digest <digest>",
      "of the content that was shown: a change in between is refused; if not given, whatever the item holds now is decided on",
    )
    .action((id, { json, as, action, comment, digest }) =>
      run({ json, as, reason: comment }, async (caller) =>
        (await commandsOf()).decideWork(caller, id, { action, comment, digest }, json),
      ),
    );
  addGroupCommands(items, { make, run });
}
