// `lockgate codes …` as the command line has it.

import type { Command } from "commander";
import type { Caller } from "./client.ts";

/** How commands are made and run; the options of `make` are `--json` and `--as`. */
export type CodeCommandsOptions = {
  readonly make: (parent: Command, name: string, description: string) => Command;
  readonly run: (options: Given, work: (caller: Caller) => Promise<number>) => Promise<void>;
};

type Given = { readonly json: boolean; readonly as?: string };

const commandsOf = () => import("./commands/codes.ts");

/** Adds the commands of code maps to `program`. */
export function addCodeCommands(program: Command, { make, run }: CodeCommandsOptions): void {
  const codes = program.command("codes").description("code maps: what the codes of sources stand for in the ERP");
  make(codes, "list", "list the maps, and how much waits for each").action((given: Given) =>
    run(given, async (caller) => (await commandsOf()).listMaps(caller, given.json)),
  );
  make(codes, "show", "show the codes of a map")
    .argument("<map>", "item, supplier, unit or location")
    .option("--search <text>", "only those whose code, or what it stands for, holds this")
    .action((map: string, { search, ...given }: Given & { readonly search?: string }) =>
      run(given, async (caller) => (await commandsOf()).showCodes(caller, map, search, given.json)),
    );
  make(codes, "targets", "find what the ERP has for codes of a map to stand for")
    .argument("<map>")
    .option("--search <text>", "only those whose code or name holds this")
    .action((map: string, { search, ...given }: Given & { readonly search?: string }) =>
      run(given, async (caller) => (await commandsOf()).showTargets(caller, map, search, given.json)),
    );
  make(codes, "map", "say what a code stands for from now on; `work groups` lets go on what waits for it")
    .argument("<map>")
    .requiredOption("--system <name>", "whose code")
    .requiredOption("--code <code>", "the code")
    .requiredOption("--to <code>", "the ERP's code")
    .option("--instead-of <code>", "what it stands for now, where it does")
    .action((map: string, { system, code, to, insteadOf, ...given }: Given & MapWords) =>
      run(given, async (caller) =>
        (await commandsOf()).mapCode(
          caller,
          map,
          { system, code, target: to, replaces: insteadOf ?? null },
          given.json,
        ),
      ),
    );
}

type MapWords = { readonly system: string; readonly code: string; readonly to: string; readonly insteadOf?: string };
