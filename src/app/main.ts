// The `lockgate` command.

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
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

const sagas = program.command("saga").description("long-running processes");
const sagasOf = () => import("./commands/saga.ts");
command(sagas, "list", "the processes of a journey")
  .requiredOption("--journey <id>", "journey id")
  .action(({ json, journey }) => run(json, async (config) => (await sagasOf()).listSagas(config, journey, json)));
command(sagas, "show", "where one stands and what its steps recorded")
  .argument("<id>")
  .action((id, { json }) => run(json, async (config) => (await sagasOf()).showSaga(config, id, json)));
command(sagas, "diagram", "draw a definition or an instance (Mermaid)")
  .argument("<nameOrId>")
  .action((id, { json }) => run(json, async (config) => (await sagasOf()).drawSaga(config, id, json)));
for (const [deed, description] of [
  ["pause", "hold it where it is; what comes for it is kept"],
  ["resume", "go on"],
  ["cancel", "take back what it did, and end it"],
] as const) {
  command(sagas, deed, description)
    .argument("<id>")
    .action((id, { json }) =>
      run(json, async (config) => (await sagasOf()).steerSaga(config, deed, id, undefined, json)),
    );
}
command(sagas, "retry", "run it again from a step on")
  .argument("<id>")
  .requiredOption("--step <name>", "where it stands, or a step before")
  .action((id, { json, step }) =>
    run(json, async (config) => (await sagasOf()).steerSaga(config, "retry", id, step, json)),
  );

const items = program.command("work").description("work items: what waits for a person");
const workOf = () => import("./commands/work.ts");
const repeated = (value: string, earlier: string[]): string[] => [...earlier, value];
const personal = (name: string, description: string): Command =>
  command(items, name, description)
    .option("--as <name>", "who acts; the user of the operating system if not given")
    .option("--role <role>", "a role of whoever acts; may be repeated; operator if not given", repeated, []);
personal("list", "list what waits, the most pressing first; or what is in a state")
  .option("--queue <name>", "of one queue")
  .option("--domain <name>", "of one domain")
  .option("--mine", "claimed by whoever asks", false)
  .option("--state <state>", "open, claimed, decided, expired or withdrawn")
  .action(({ json, as, role, mine, queue, domain, state }) =>
    run(json, async (config) => {
      const { listWork, personOf } = await workOf();
      const owner = mine ? personOf({ as, role }).name : undefined;
      return listWork(config, { queue, domain, state, ...(owner === undefined ? {} : { owner }) }, json);
    }),
  );
personal("show", "show one with what is decided on; the access is audited")
  .argument("<id>")
  .action((id, { json, ...who }) =>
    run(json, async (config) => {
      const { personOf, showWork } = await workOf();
      return showWork(config, id, personOf(who), json);
    }),
  );
for (const [deed, description, words] of [
  ["claim", "take one on: nobody else decides it meanwhile", undefined],
  ["release", "give one back that was claimed", undefined],
  ["comment", "say something about one, for the others", "what to say"],
  ["escalate", "raise one by a step and take it off its owner", "why"],
] as const) {
  const tending = personal(deed, description).argument("<id>");
  if (words) tending.requiredOption("--comment <text>", words);
  tending.action((id, { json, comment, ...who }) =>
    run(json, async (config) => {
      const { personOf, tendWork } = await workOf();
      return tendWork(config, deed, id, personOf(who), comment, json);
    }),
  );
}
personal("decide", "choose an action")
  .argument("<id>")
  .requiredOption("--action <name>", "one of the item's actions")
  .option("--comment <text>", "why; whoever asked is told")
  .option(
    "--digest <digest>",
    "of the content that was shown: a change in between is refused; if not given, whatever the item holds now is decided on",
  )
  .action((id, { json, action, comment, digest, ...who }) =>
    run(json, async (config) => {
      const { decideWork, personOf } = await workOf();
      return decideWork(config, id, personOf(who), { action, comment, digest }, json);
    }),
  );

const persons = program.command("persons").description("persons: what joined them, and what parts them");
const personsOf = () => import("./commands/persons.ts");
command(persons, "show", "where a person stands; no value of the person")
  .argument("<id>")
  .action((id, { json }) => run(json, async (config) => (await personsOf()).showPerson(config, id, json)));
command(persons, "links", "what joined a person with others and what took it back, the oldest first")
  .argument("<id>")
  .action((id, { json }) => run(json, async (config) => (await personsOf()).listLinks(config, id, json)));
const byPerson = (name: string, description: string): Command =>
  command(persons, name, description)
    .argument("<id>")
    .requiredOption("--comment <text>", "why")
    .option("--as <name>", "who asks; the user of the operating system if not given")
    .option("--role <role>", "a role of whoever asks; may be repeated; operator if not given", repeated, []);
byPerson("unlink", "have a link taken back; two stewards decide")
  .requiredOption("--link <id>", "which, as `links` shows it")
  .action((id, { json, link, comment, ...who }) =>
    run(json, async (config) => {
      const { personOf } = await workOf();
      return (await personsOf()).unlinkPerson(config, id, link, personOf(who), comment, json);
    }),
  );
byPerson("apart", "say that two persons are never the same; remembered for ever")
  .requiredOption("--other <id>", "the other person")
  .action((id, { json, other, comment, ...who }) =>
    run(json, async (config) => {
      const { personOf } = await workOf();
      return (await personsOf()).keepPersonsApart(config, id, other, personOf(who), comment, json);
    }),
  );

const rules = program.command("rules").description("rule packs: what decisions rest on");
const rulesOf = () => import("./commands/rules.ts");
command(rules, "list", "list what is in force").action(({ json }) =>
  run(json, async (config) => (await rulesOf()).listRules(config, json)),
);
command(rules, "show", "show what is in force, and what was")
  .argument("<name>")
  .action((name, { json }) => run(json, async (config) => (await rulesOf()).showRules(config, name, json)));
command(rules, "check", "say whether a file may be applied; needs no running platform")
  .argument("<file>")
  .action((file, { json }) => run(json, async () => (await rulesOf()).checkRules(file, json)));
command(rules, "apply", "put a file in force, on every node within a second")
  .argument("<file>")
  .option("--as <name>", "who acts; the user of the operating system if not given")
  .action((file, { json, as }) => run(json, async (config) => (await rulesOf()).applyRules(config, file, as, json)));
command(rules, "dry-run", "what a file would have decided otherwise")
  .argument("<file>")
  .option("--days <number>", "how far back", wholeNumber, 7)
  .action((file, { json, days }) =>
    run(json, async (config) => (await rulesOf()).dryRunRules(config, file, days, json)),
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

const matching = program.command("match").description("matching: who is one person");
const qualityOf = () => import("./commands/match-quality.ts");
command(matching, "quality", "how much goes by itself, is asked, and was found wrong, over time")
  .option("--since <days>", "how many days back", wholeNumber, 30)
  .addOption(new Option("--by <period>", "day or week").choices(["day", "week"]).default("day"))
  .action(({ json, since, by }) =>
    run(json, async (config) => (await qualityOf()).matchQuality(config, { days: since, by }, json)),
  );
command(matching, "report", "whether groups of people are matched or asked about more or less often than others")
  .option("--since <days>", "how many days back", wholeNumber, 30)
  .action(({ json, since }) =>
    run(json, async (config) => (await qualityOf()).matchReport(config, { days: since }, json)),
  );

const filesOf = () => import("./commands/match.ts");
const ofFiles = (name: string, description: string): Command =>
  command(matching, name, `${description}; needs no running platform`)
    .requiredOption("--map <file>", "what the columns mean (JSON)")
    .requiredOption("--out <file>", "where the pairs go (CSV)")
    .option("--clusters <file>", "where the cluster of each record goes (CSV)")
    .option("--model <file>", "a model of one's own; the shipped one that fits the map if not given")
    .option("--train", "fit the model to these files first, without truth", false)
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
