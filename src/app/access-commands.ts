// `lockgate access …` as the command line has it.

import type { Command } from "commander";
import type { Caller } from "./client.ts";
import type { Period, ReportQuestion } from "./commands/access.ts";

/** How commands are made and run; the options of `make` are `--json` and `--as`. */
export type AccessCommandsOptions = {
  readonly make: (parent: Command, name: string, description: string) => Command;
  readonly run: (
    options: { readonly json: boolean; readonly as?: string; readonly purpose?: string },
    work: (caller: Caller) => Promise<number>,
  ) => Promise<void>;
};

type Given = Period & { readonly json: boolean; readonly as?: string; readonly purpose?: string };

const commandsOf = () => import("./commands/access.ts");

/** Adds the commands of accesses to `program`. */
export function addAccessCommands(program: Command, { make, run }: AccessCommandsOptions): void {
  const access = program.command("access").description("who looked at what, and who is watched");
  const forPurpose = (command: Command): Command =>
    command.option("--purpose <name>", "audit if not given; safety-review for clinical safety officers");
  const inPeriod = (name: string, description: string): Command =>
    forPurpose(
      make(access, name, description)
        .option("--since <instant>", "from this instant on, e.g. 2026-01-31 or 2026-01-31T08:00Z")
        .option("--until <instant>", "before this instant"),
    );
  const report = (given: Given, question: Pick<ReportQuestion, "kind" | "personId" | "actor">) =>
    run(given, async (caller) => {
      const { since, until } = given;
      return (await commandsOf()).reportAccesses(caller, { ...question, since, until }, given.json);
    });

  inPeriod("who-looked-at", "who saw anything of a person")
    .argument("<personId>")
    .action((personId: string, given: Given) => report(given, { kind: "looked-at", personId }));
  inPeriod("opened-by", "what somebody saw, searched, exported, or was refused")
    .argument("<actor>", "as the audit names them, e.g. trust:ann")
    .action((actor: string, given: Given) => report(given, { kind: "opened-by", actor }));
  for (const [kind, description] of [
    ["own-record", "staff who looked at their own record; of linked staff only"],
    ["same-surname", "staff who looked at somebody of their family name; of linked staff only"],
    ["watched", "every look at a person who is watched"],
    ["break-glass", "where the glass was broken, and what became of the review"],
  ] as const) {
    inPeriod(kind, description).action((given: Given) => report(given, { kind }));
  }

  inPeriod("export", "write accesses as FHIR AuditEvent resources (IHE BALP), one a line")
    .requiredOption("--out <file>", "where to")
    .option("--format <name>", "fhir", "fhir")
    .action((given: Given & { readonly out: string; readonly format: string }) => {
      if (given.format !== "fhir") program.error("error: the one format there is is fhir", { exitCode: 2 });
      return run(given, async (caller) => (await commandsOf()).exportAccesses(caller, given, given.out, given.json));
    });

  make(access, "staff", "say which person a member of staff is as a patient; without a person, take it back")
    .argument("<actor>")
    .argument("[personId]")
    .action((actor: string, personId: string | undefined, given: Given) =>
      run(given, async (caller) => (await commandsOf()).linkStaff(caller, actor, personId)),
    );
  for (const [name, watched, description] of [
    ["watch", true, "watch a person whose record draws the curious"],
    ["unwatch", false, "lift the watch"],
  ] as const) {
    make(access, name, description)
      .argument("<personId>")
      .requiredOption("--reason <text>", "why, in at least ten characters")
      .action((personId: string, given: Given & { readonly reason: string }) =>
        run(given, async (caller) => (await commandsOf()).watchPerson(caller, personId, watched, given.reason)),
      );
  }
  forPurpose(make(access, "watches", "who is watched, since when, by whom and why")).action((given: Given) =>
    run(given, async (caller) => (await commandsOf()).listWatches(caller, given.json)),
  );
}
