// The `lockgate` command.

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { addAccessCommands } from "./access-commands.ts";
import type { Caller } from "./client.ts";
import { addCodeCommands } from "./code-commands.ts";
import { type Config, readConfig } from "./config.ts";
import { EXIT, refuse, show } from "./output.ts";
import { addReplayCommands } from "./replay-commands.ts";
import { addResubmissionCommands } from "./resubmission-commands.ts";
import { addWorkCommands } from "./work-commands.ts";

/** Commands load their own modules, so that each starts as fast as it can. */
type Run = (config: Config, json: boolean) => Promise<number>;
type Ask = (caller: Caller) => Promise<number>;
/** What every command that calls the platform may be told. */
type Asking = Omit<Caller, "config"> & { readonly json: boolean };

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

/** Runs what calls the platform, in the name of whoever is signed in. */
const ask = ({ json, as, purpose, reason }: Asking, work: Ask): Promise<void> =>
  run(json, (config) => work({ config, as, purpose, reason }));

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("not a whole number from 1 on.");
  return value;
};

const probability = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError("not a probability between 0 and 1.");
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

/** A command that calls the platform. */
const online = (parent: Command, name: string, description: string): Command =>
  command(parent, name, description).option(
    "--as <user>",
    "who acts: somebody who is signed in; the latest if not given",
  );

/** One that shows data of patients. */
const personalData = (parent: Command, name: string, description: string): Command =>
  online(parent, name, description)
    .option("--purpose <name>", "for what the data is asked for; administration if not given")
    .option("--reason <text>", "why, in words; it is recorded where a policy asks for it");

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

personalData(program, "journey", "what became of a message")
  .argument("<key>", "journey id, control id, NHS number or local id")
  .option("--wait <duration>", "wait for its end, e.g. 10s", duration, 0)
  .action((key: string, { wait, json, ...asking }) =>
    ask({ json, ...asking }, async (caller) =>
      (await import("./commands/journey.ts")).journey(caller, key, { waitMs: wait, json }),
    ),
  );

const secrets = program.command("secrets").description("secrets, and the keys that values are sealed by");
command(secrets, "status", "how they stand; no value is shown").action(({ json }) =>
  run(json, async (config) => (await import("./commands/secrets.ts")).secretsStatus(config, json)),
);
command(secrets, "rewrap", "wrap the data keys by the newest key, and seal what an older version stored").action(
  ({ json }) => run(json, async (config) => (await import("./commands/secrets.ts")).rewrap(config, json)),
);

const letters = program.command("dead-letters").description("what stopped and waits for a person");
const lettersOf = () => import("./commands/dead-letters.ts");
online(letters, "list", "list them, newest first").action(({ json, as }) =>
  ask({ json, as }, async (caller) => (await lettersOf()).listDeadLetters(caller, json)),
);
personalData(letters, "show", "show one with its content, for a reason; the access is audited")
  .argument("<subscription>")
  .argument("<position>")
  .action((subscription, position, { json, ...asking }) =>
    ask({ json, ...asking }, async (caller) =>
      (await lettersOf()).showDeadLetter(caller, subscription, position, json),
    ),
  );
online(letters, "replay", "try one again, or all")
  .argument("[subscription]")
  .argument("[position]")
  .option("--all", "every dead letter that there is now, as a job that goes on by itself", false)
  .option("--reason <words>", "with --all: why they will go through now; it is kept", "all of them, by command")
  .option("--rate <count>", "with --all: letters a second at most", Number, 10)
  .action((subscription, position, { json, as, all, reason, rate: perSecond }) =>
    ask({ json, as }, async (caller) => {
      if (all) return (await import("./commands/replays.ts")).replayAll(caller, { reason, perSecond }, json);
      if (!subscription || !position)
        return program.error("error: name a subscription and a position, or --all", { exitCode: EXIT.usage });
      return (await lettersOf()).settleDeadLetter(caller, "replay", subscription, position, json);
    }),
  );
online(letters, "dismiss", "set one aside for good; its session goes on")
  .argument("<subscription>")
  .argument("<position>")
  .action((subscription, position, { json, as }) =>
    ask({ json, as }, async (caller) =>
      (await lettersOf()).settleDeadLetter(caller, "dismiss", subscription, position, json),
    ),
  );

addResubmissionCommands(program, letters, { make: online, makePersonal: personalData, run: ask });

addCodeCommands(program, { make: online, run: ask });
addReplayCommands(program, { make: online, run: ask, wholeNumber });

const channels = program.command("channel").description("channels and their queues");
const channelsOf = () => import("./commands/channel.ts");
online(channels, "list", "list channels and what waits").action(({ json, as }) =>
  ask({ json, as }, async (caller) => (await channelsOf()).listChannels(caller, json)),
);
for (const [deed, state, description] of [
  ["pause", "paused", "take in, deliver nothing"],
  ["resume", "started", "deliver again"],
  ["stop", "stopped", "close its wire, keep its queue"],
  ["start", "started", "open its wire again"],
] as const) {
  online(channels, deed, description)
    .argument("<name>")
    .option("--reason <text>", "why, for the others")
    .action((name, { json, as, reason }) =>
      ask({ json, as, reason }, async (caller) => (await channelsOf()).setChannel(caller, name, state, reason, json)),
    );
}
command(
  channels,
  "dry-run",
  "what a changed channel would have made otherwise of past messages; needs no running platform",
)
  .argument("<file>", "the changed channel, wherever it stands")
  .option("--days <number>", "how far back", wholeNumber, 7)
  .action((file, { json, days }) =>
    run(json, async (config) =>
      (await import("./commands/channel-dry-run.ts")).dryRunChannel(config, file, days, json),
    ),
  );

const sagas = program.command("saga").description("long-running processes");
const sagasOf = () => import("./commands/saga.ts");
online(sagas, "list", "the processes of a journey")
  .requiredOption("--journey <id>", "journey id")
  .action(({ json, as, journey }) =>
    ask({ json, as }, async (caller) => (await sagasOf()).listSagas(caller, journey, json)),
  );
online(sagas, "show", "where one stands and what its steps recorded")
  .argument("<id>")
  .action((id, { json, as }) => ask({ json, as }, async (caller) => (await sagasOf()).showSaga(caller, id, json)));
online(sagas, "diagram", "draw a definition or an instance (Mermaid)")
  .argument("<nameOrId>")
  .action((id, { json, as }) => ask({ json, as }, async (caller) => (await sagasOf()).drawSaga(caller, id, json)));
for (const [deed, description] of [
  ["pause", "hold it where it is; what comes for it is kept"],
  ["resume", "go on"],
  ["cancel", "take back what it did, and end it"],
] as const) {
  online(sagas, deed, description)
    .argument("<id>")
    .action((id, { json, as }) =>
      ask({ json, as }, async (caller) => (await sagasOf()).steerSaga(caller, deed, id, undefined, json)),
    );
}
online(sagas, "retry", "run it again from a step on")
  .argument("<id>")
  .requiredOption("--step <name>", "where it stands, or a step before")
  .action((id, { json, as, step }) =>
    ask({ json, as }, async (caller) => (await sagasOf()).steerSaga(caller, "retry", id, step, json)),
  );

addWorkCommands(program, { make: online, makePersonal: personalData, run: ask });

const persons = program.command("persons").description("persons: what joined them, and what parts them");
const personsOf = () => import("./commands/persons.ts");
online(persons, "show", "where a person stands; no value of the person")
  .argument("<id>")
  .action((id, { json, as }) => ask({ json, as }, async (caller) => (await personsOf()).showPerson(caller, id, json)));
online(persons, "links", "what joined a person with others and what took it back, the oldest first")
  .argument("<id>")
  .action((id, { json, as }) => ask({ json, as }, async (caller) => (await personsOf()).listLinks(caller, id, json)));
online(persons, "unlink", "have a link taken back; two stewards decide")
  .argument("<id>")
  .requiredOption("--comment <text>", "why")
  .requiredOption("--link <id>", "which, as `links` shows it")
  .action((id, { json, as, link, comment }) =>
    ask({ json, as, reason: comment }, async (caller) =>
      (await personsOf()).unlinkPerson(caller, id, link, comment, json),
    ),
  );
online(persons, "apart", "say that two persons are never the same; remembered for ever")
  .argument("<id>")
  .requiredOption("--comment <text>", "why")
  .requiredOption("--other <id>", "the other person")
  .action((id, { json, as, other, comment }) =>
    ask({ json, as, reason: comment }, async (caller) =>
      (await personsOf()).keepPersonsApart(caller, id, other, comment, json),
    ),
  );

const rules = program.command("rules").description("rule packs: what decisions rest on");
const rulesOf = () => import("./commands/rules.ts");
online(rules, "list", "list what is in force").action(({ json, as }) =>
  ask({ json, as }, async (caller) => (await rulesOf()).listRules(caller, json)),
);
online(rules, "show", "show what is in force, and what was")
  .argument("<name>")
  .action((name, { json, as }) => ask({ json, as }, async (caller) => (await rulesOf()).showRules(caller, name, json)));
command(rules, "check", "say whether a file may be applied; needs no running platform")
  .argument("<file>")
  .action((file, { json }) => run(json, async () => (await rulesOf()).checkRules(file, json)));
online(rules, "apply", "put a file in force, on every node within a second")
  .argument("<file>")
  .action((file, { json, as }) =>
    ask({ json, as }, async (caller) => (await rulesOf()).applyRules(caller, file, json)),
  );
online(rules, "dry-run", "what a file would have decided otherwise")
  .argument("<file>")
  .option("--days <number>", "how far back", wholeNumber, 7)
  .action((file, { json, as, days }) =>
    ask({ json, as }, async (caller) => (await rulesOf()).dryRunRules(caller, file, days, json)),
  );

const policy = program.command("policy").description("who may do what, and why");
const policyOf = () => import("./commands/policy.ts");
command(policy, "explain", "why somebody may or may not do something; needs no running platform")
  .requiredOption("--as <name>", "who: the id that proposers and deciders go by")
  .requiredOption("--action <name>", "what, e.g. work.decide")
  .option("--roles <roles>", "the roles of a person, comma-separated")
  .option("--scopes <scopes>", "the scopes of a machine, comma-separated: asks for a machine instead")
  .option("--resource <json>", 'what it is about beyond its type, e.g. \'{"domain":"finance"}\'')
  .option("--purpose <name>", "the purpose of use")
  .option("--reason <text>", "why, in words")
  .option("--no-second-factor", "as signed in with a password alone")
  .action((options) => run(options.json, async () => (await policyOf()).explainPolicy(options, options.json)));
command(policy, "matrix", "print which role may do what").action(({ json }) =>
  run(json, async () => (await policyOf()).printMatrix(json)),
);

const audit = program.command("audit").description("the provable log");
const auditOf = () => import("./commands/audit.ts");
command(audit, "verify", "check every leaf against the signed checkpoints")
  .option("--checkpoint <files...>", "checkpoints kept elsewhere that the log must extend", [])
  .action(({ json, checkpoint }) => run(json, async (config) => (await auditOf()).verify(config, checkpoint, json)));
online(audit, "proof", "prove that a leaf is in the log")
  .argument("<position>", "the leaf's position")
  .action((position, { json, as }) =>
    ask({ json, as }, async (caller) => (await auditOf()).proof(caller, position, json)),
  );
command(audit, "export", "write the log as files that others' tools can verify (C2SP tlog-tiles)")
  .argument("<directory>")
  .action((directory: string, { json }) =>
    run(json, async (config) => (await auditOf()).exportLog(config, directory, json)),
  );
online(audit, "checkpoint", "print the latest signed checkpoint").action(({ json, as }) =>
  ask({ json, as }, async (caller) => (await auditOf()).checkpoint(caller, json)),
);

addAccessCommands(program, { make: online, run: ask });

const matching = program.command("match").description("matching: who is one person");
const qualityOf = () => import("./commands/match-quality.ts");
online(matching, "quality", "how much goes by itself, is asked, and was found wrong, over time")
  .option("--since <days>", "how many days back", wholeNumber, 30)
  .addOption(new Option("--by <period>", "day or week").choices(["day", "week"]).default("day"))
  .action(({ json, as, since, by }) =>
    ask({ json, as }, async (caller) => (await qualityOf()).matchQuality(caller, { days: since, by }, json)),
  );
online(matching, "report", "whether groups of people are matched or asked about more or less often than others")
  .option("--since <days>", "how many days back", wholeNumber, 30)
  .action(({ json, as, since }) =>
    ask({ json, as }, async (caller) => (await qualityOf()).matchReport(caller, { days: since }, json)),
  );

const filesOf = () => import("./commands/match.ts");
const ofFiles = (name: string, description: string): Command =>
  command(matching, name, `${description}; needs no running platform`)
    .requiredOption("--map <file>", "what the columns mean (JSON)")
    .requiredOption("--out <file>", "where the pairs go (CSV)")
    .option("--clusters <file>", "where the cluster of each record goes (CSV)")
    .option("--model <file>", "a model of one's own; the shipped one that fits the map if not given")
    .option("--train", "learn from every pair of these files, without truth, and not only from a sample", false)
    .option("--save-model <file>", "where the model that was used goes (JSON)")
    .option("--threshold <probability>", "write the pairs from this probability on, and no other", probability);
ofFiles("dedupe", "compare the records of one file with each other")
  .requiredOption("--in <file>", "the records (CSV)")
  .action(({ json, in: file, ...asked }) => run(json, async () => (await filesOf()).matchAsFiles([file], asked, json)));
ofFiles("link", "compare the records of one file with those of another")
  .requiredOption("--left <file>", "the one (CSV)")
  .requiredOption("--right <file>", "the other (CSV)")
  .action(({ json, left, right, ...asked }) =>
    run(json, async () => (await filesOf()).matchAsFiles([left, right], asked, json)),
  );

const reconcile = program.command("reconcile").description("compare with a system of record");
online(reconcile, "nav", "what the ERP holds against what was written").action(({ json, as }) =>
  ask({ json, as }, async (caller) => (await import("./commands/reconcile.ts")).reconcileNav(caller, json)),
);

online(program, "doctor", "check the installation").action(({ json, as }) =>
  ask({ json, as }, async (caller) => (await import("./commands/doctor.ts")).doctor(caller, json)),
);

const signInOf = () => import("./commands/sign-in.ts");
command(program, "sign-in", "sign in for the commands after it; shows where to approve that")
  .option("--as <user>", "what the sign-in goes by; in the demo, whom to sign in")
  .action(({ json, as }) => run(json, async (config) => (await signInOf()).signInCommand(config, as, json)));
command(program, "sign-out", "forget a sign-in on this machine")
  .option("--as <user>", "whose; the latest if not given")
  .action(({ json, as }) => run(json, async (config) => (await signInOf()).signOutCommand(config, as, json)));
command(program, "whoami", "say in whose name commands act")
  .option("--as <user>", "somebody who is signed in; the latest if not given")
  .action(({ json, as }) => run(json, async (config) => (await signInOf()).whoAmI(config, as, json)));

try {
  await program.parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  exitCode = thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
}
process.exit(exitCode);
