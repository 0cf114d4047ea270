// The `lockgate` command.

import { Command, CommanderError, InvalidArgumentError } from "commander";
import { type Config, readConfig } from "./config.ts";
import { EXIT, refuse, show } from "./output.ts";

/** Commands load their own modules, so that each starts as fast as it can. */
type Run = (config: Config, json: boolean) => Promise<number>;

const program = new Command("lockgate")
  .description("Healthcare integration platform")
  .exitOverride()
  .showHelpAfterError();
let exitCode: number = EXIT.done;

async function run(json: boolean, work: Run): Promise<void> {
  try {
    exitCode = await work(readConfig(), json);
  } catch (thrown) {
    exitCode = refuse(thrown, json);
  }
}

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("not a whole number from 1 on.");
  return value;
};

/** `500ms`, `10s`, `2m`; without a unit, seconds. */
const duration = (text: string): number => {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError("not a duration such as 10s.");
  return Number(amount) * { ms: 1, s: 1_000, m: 60_000 }[unit as "ms" | "s" | "m"];
};

const command = (parent: Command, name: string, description: string): Command =>
  parent.command(name).description(description).option("--json", "print JSON", false);

program
  .command("start")
  .description("bring the site up and stay")
  .option(
    "--role <roles>",
    "what this process does: channels, services, audit, gateway",
    "channels,services,audit,gateway",
  )
  .action(async ({ role }: { role: string }) => {
    const { roles } = await import("./platform.ts");
    const asked = role.split(",");
    const unknown = asked.find((one) => !roles.some((known) => known === one));
    if (unknown !== undefined)
      program.error(`error: unknown role ${unknown}; there are ${roles.join(", ")}`, { exitCode: EXIT.usage });
    const { start } = await import("./commands/start.ts");
    await run(false, (config) => start(config, new Set(roles.filter((known) => asked.includes(known)))));
  });

command(program, "migrate", "bring the database's schema up to date").action(({ json }) =>
  run(json, async (config) => (await import("./commands/migrate.ts")).migrate(config, json)),
);

command(program, "config", "print the settings in force, secrets left out").action(({ json }) =>
  run(json, async (config) => {
    const { presentable } = await import("./commands/config.ts");
    show(true, presentable(config), () => "");
    return EXIT.done;
  }),
);

command(program, "send", "send HL7 v2 messages over MLLP and print the acknowledgements")
  .argument("<files...>", "files with one or more messages, or a batch")
  .option("--to <address>", "mllp://host:port; the demo's ADT channel if not given")
  .option("--repeat <times>", "send everything this often", wholeNumber, 1)
  .action((files: string[], options) =>
    run(options.json, async (config) => (await import("./commands/send.ts")).send(config, files, options)),
  );

command(program, "journey", "what became of a message")
  .argument("<key>", "journey id, control id, NHS number or local id")
  .option("--wait <duration>", "wait for its end, e.g. 10s", duration, 0)
  .action((key: string, { wait, json }) =>
    run(json, async (config) => (await import("./commands/journey.ts")).journey(config, key, { waitMs: wait, json })),
  );

const letters = program.command("dead-letters").description("what stopped and waits for a person");
const lettersOf = () => import("./commands/dead-letters.ts");
command(letters, "list", "list them, newest first").action(({ json }) =>
  run(json, async (config) => (await lettersOf()).listDeadLetters(config, json)),
);
command(letters, "show", "show one with its content; the access is audited")
  .argument("<subscription>")
  .argument("<position>")
  .action((subscription, position, { json }) =>
    run(json, async (config) => (await lettersOf()).showDeadLetter(config, subscription, position, json)),
  );
command(letters, "replay", "try one again, or all")
  .argument("[subscription]")
  .argument("[position]")
  .option("--all", "every dead letter", false)
  .action((subscription, position, { json, all }) =>
    run(json, async (config) => {
      if (all) return (await lettersOf()).replayAll(config, json);
      if (!subscription || !position)
        return program.error("error: name a subscription and a position, or --all", { exitCode: EXIT.usage });
      return (await lettersOf()).settleDeadLetter(config, "replay", subscription, position, json);
    }),
  );
command(letters, "dismiss", "set one aside for good; its session goes on")
  .argument("<subscription>")
  .argument("<position>")
  .action((subscription, position, { json }) =>
    run(json, async (config) => (await lettersOf()).settleDeadLetter(config, "dismiss", subscription, position, json)),
  );

const channels = program.command("channel").description("channels and their queues");
const channelsOf = () => import("./commands/channel.ts");
command(channels, "list", "list channels and what waits").action(({ json }) =>
  run(json, async (config) => (await channelsOf()).listChannels(config, json)),
);
for (const [deed, state, description] of [
  ["pause", "paused", "take in, deliver nothing"],
  ["resume", "started", "deliver again"],
  ["stop", "stopped", "close its wire, keep its queue"],
  ["start", "started", "open its wire again"],
] as const) {
  command(channels, deed, description)
    .argument("<name>")
    .option("--reason <text>", "why, for the others")
    .action((name, { json, reason }) =>
      run(json, async (config) => (await channelsOf()).setChannel(config, name, state, reason, json)),
    );
}

const audit = program.command("audit").description("the provable log");
const auditOf = () => import("./commands/audit.ts");
command(audit, "verify", "check every leaf against the signed checkpoints")
  .option("--checkpoint <files...>", "checkpoints kept elsewhere that the log must extend", [])
  .action(({ json, checkpoint }) => run(json, async (config) => (await auditOf()).verify(config, checkpoint, json)));
command(audit, "proof", "prove that a leaf is in the log")
  .argument("<position>", "the leaf's position")
  .action((position, { json }) => run(json, async (config) => (await auditOf()).proof(config, position, json)));
command(audit, "export", "write the log as files that others' tools can verify (C2SP tlog-tiles)")
  .argument("<directory>")
  .action((directory: string, { json }) =>
    run(json, async (config) => (await auditOf()).exportLog(config, directory, json)),
  );
command(audit, "checkpoint", "print the latest signed checkpoint").action(({ json }) =>
  run(json, async (config) => (await auditOf()).checkpoint(config, json)),
);

const reconcile = program.command("reconcile").description("compare with a system of record");
command(reconcile, "nav", "what the ERP holds against what was written").action(({ json }) =>
  run(json, async (config) => (await import("./commands/reconcile.ts")).reconcileNav(config, json)),
);

command(program, "doctor", "check the installation").action(({ json }) =>
  run(json, async (config) => (await import("./commands/doctor.ts")).doctor(config, json)),
);

try {
  await program.parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  exitCode = thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
}
process.exit(exitCode);
