// `lockgate replays …` as the command line has it.

import type { Command } from "commander";
import type { Caller } from "./client.ts";
import type { ReplayWords } from "./commands/replays.ts";

/** How commands are made and run; the options of `make` are `--json` and `--as`. */
export type ReplayCommandsOptions = {
  readonly make: (parent: Command, name: string, description: string) => Command;
  readonly run: (options: Given, work: (caller: Caller) => Promise<number>) => Promise<void>;
  readonly wholeNumber: (text: string) => number;
};

type Given = { readonly json: boolean; readonly as?: string };
type Start = Given & { readonly digest: string; readonly reason: string; readonly rate: number };

const commandsOf = () => import("./commands/replays.ts");

/** Adds the commands of bulk replays to `program`. */
export function addReplayCommands(program: Command, { make, run, wholeNumber }: ReplayCommandsOptions): void {
  const replays = program.command("replays").description("many dead letters tried again as one job");
  make(replays, "preview", "fix which letters are meant, and look at them")
    .option("--subscription <name>", "only this subscription's")
    .option("--code <code>", "only those that stopped for this reason")
    .option("--since <instant>", "only those that stopped then or later")
    .option("--until <instant>", "only those that stopped before")
    .option("--most <count>", "the first so many", wholeNumber)
    .action(({ json, as, ...filter }: Given & ReplayWords) =>
      run({ json, ...(as ? { as } : {}) }, async (caller) => (await commandsOf()).previewReplay(caller, filter, json)),
    );
  make(replays, "start", "start exactly what was looked at")
    .argument("<id>")
    .requiredOption("--digest <digest>", "as the preview says it")
    .requiredOption("--reason <words>", "why; it is kept")
    .option("--rate <count>", "letters a second at most", Number, 10)
    .action((id: string, { json, as, digest, reason, rate: perSecond }: Start) =>
      run({ json, ...(as ? { as } : {}) }, async (caller) =>
        (await commandsOf()).startReplay(caller, id, { digest, reason, perSecond }, json),
      ),
    );
  for (const [deed, description] of [
    ["pause", "take up no more letters until it is resumed"],
    ["resume", "go on where it was paused"],
    ["cancel", "take up no more letters for good"],
  ] as const)
    make(replays, deed, description)
      .argument("<id>")
      .action((id: string, given: Given) =>
        run(given, async (caller) => (await commandsOf()).steerReplay(caller, deed, id, given.json)),
      );
  make(replays, "show", "show how one stands")
    .argument("<id>")
    .action((id: string, given: Given) =>
      run(given, async (caller) => (await commandsOf()).showReplay(caller, id, given.json)),
    );
  make(replays, "list", "list them, newest first").action((given: Given) =>
    run(given, async (caller) => (await commandsOf()).listReplays(caller, given.json)),
  );
}
