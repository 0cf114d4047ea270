// How the commands of one subject are made and run: what `main.ts` hands to each file of them.

import type { Command } from "commander";
import type { Caller } from "./client.ts";

type Make = (parent: Command, name: string, description: string) => Command;
type Given = Omit<Caller, "config"> & { readonly json: boolean };

/** `make`: a command with `--json` and `--as`; `makePersonal`: one that shows data of patients. */
export type CommandOptions = {
  readonly make: Make;
  readonly makePersonal: Make;
  readonly run: (options: Given, work: (caller: Caller) => Promise<number>) => Promise<void>;
};
