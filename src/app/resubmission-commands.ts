// `lockgate dead-letters mend` and `lockgate resubmissions …` as the command line has them.

import type { Command } from "commander";
import type { CommandOptions } from "./command-options.ts";

const commandsOf = () => import("./commands/resubmissions.ts");

/** Adds the mending of a dead letter to `letters`, and the commands of proposals to `program`. */
export function addResubmissionCommands(
  program: Command,
  letters: Command,
  { make, makePersonal, run }: CommandOptions,
): void {
  makePersonal(letters, "mend", "propose its message anew from a file; without a file, print it as text to mend")
    .argument("<subscription>")
    .argument("<position>")
    .option("--file <file>", "the whole message as it should be, a segment a line")
    .option("--comment <text>", "with a file: what was mended and why, for whoever decides")
    .action((subscription, position, { file, comment, json, ...asking }) => {
      const letter = { subscription, position };
      if (file === undefined)
        return run({ json, ...asking }, async (caller) => (await commandsOf()).printLetter(caller, letter, json));
      if (comment === undefined) return program.error("error: say by --comment what was mended", { exitCode: 2 });
      return run({ json, ...asking }, async (caller) =>
        (await commandsOf()).proposeMended(caller, letter, { file, comment }, json),
      );
    });
  const proposals = program.command("resubmissions").description("mended messages that were proposed");
  make(proposals, "list", "list them, newest first")
    .option("--state <state>", "proposed, taken-in, refused or withdrawn")
    .action(({ json, as, state }) =>
      run({ json, as }, async (caller) => (await commandsOf()).listResubmissions(caller, state, json)),
    );
  makePersonal(proposals, "show", "show how one stands; with a reason, what it changes: the access is audited")
    .argument("<id>")
    .action((id, { json, ...asking }) =>
      run({ json, ...asking }, async (caller) => (await commandsOf()).showResubmission(caller, id, json)),
    );
}
