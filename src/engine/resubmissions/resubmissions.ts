// Mending a dead letter: whoever mends proposes, somebody else agrees, and the message is taken in by the commit of that decision.

import { createHash } from "node:crypto";
import { append, type Leaf } from "#engine/audit";
import type { Backbone } from "#engine/backbone";
import {
  type ChannelDefinition,
  type Environment,
  readRoot,
  receivedTopic,
  refuseUnsound,
  subscriptionsOf,
  takeInMended,
} from "#engine/channels";
import type { Work, WorkDecided } from "#engine/work";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import type { Log } from "#kernel/log";
import { PART, withdrawOvertaken } from "./overtaken.ts";
import * as store from "./store.ts";
import type { NewResubmission, Resubmissions } from "./types.ts";

const QUEUE = "resubmissions";
const APPROVE = "approve";
/** Who repairs messages. */
const DECIDERS = ["operator", "integration-engineer"];
const DUE_MS = 4 * 3_600_000;
const LOOK_EVERY_MS = 1_000;

export type ResubmissionsOptions = {
  readonly db: Db;
  readonly backbone: Backbone;
  readonly work: Work;
  readonly clock: Clock;
  readonly log: Log;
  readonly environment: Environment;
  readonly definitions: readonly ChannelDefinition[];
};

/** Opens the resubmissions of a database; any number of nodes may, each that decides work items MUST. */
export async function openResubmissions(options: ResubmissionsOptions): Promise<Resubmissions> {
  const { db, backbone, work, clock, log, environment, definitions } = options;
  // A topic's number is learnt on a connection of its own; not from within a transaction that holds one.
  for (const { name } of definitions) await backbone.numberOf(receivedTopic(name));
  work.join(QUEUE, (tx, decided) => carryOut(options, tx, decided));

  const proposalOf = async (id: string): Promise<store.ProposalRow> => {
    const row = await store.readProposal(db, id);
    if (!row) throw new LockgateError("RESUBMISSION_UNKNOWN", { at: id });
    return row;
  };

  return {
    async mendable(subscription, position) {
      const { letter, definition } = await letterAt(options, subscription, position);
      const { journeyId, contentType, body } = letter;
      return { journeyId, contentType, body, source: definition.source.settings };
    },

    async propose(proposal) {
      const { letter, definition } = await letterAt(options, proposal.subscription, proposal.position);
      const at = new Date(clock.now());
      refuseUnsound(definition, proposal.body, { environment, receivedAt: at });
      const row = {
        id: newId(),
        channel: definition.name,
        subscription: proposal.subscription,
        position: proposal.position,
        letter: letter.version,
        journeyId: letter.journeyId,
        digest: createHash("sha256").update(proposal.body).digest("hex"),
        fields: proposal.fields,
        proposedBy: proposal.by,
        proposedAt: at,
        itemId: newId(),
      };
      await db.transaction(async (tx) => {
        await store.insertProposal(tx, row, proposal.body);
        const detail = { resubmission: row.id, digest: row.digest, fields: row.fields.join(" ") };
        const leaf = { at, part: PART, name: "resubmission.proposed", outcome: "waiting" } as const;
        await append(tx, [{ ...leaf, journeyId: row.journeyId, actor: row.proposedBy, detail }]);
        await work.open(tx, row.itemId, itemOf(row, letter.reason, proposal, at));
      });
      return proposalOf(row.id);
    },

    list: (page) => store.listProposals(db, page),

    show: proposalOf,

    async content(id) {
      const { subscription, position, channel } = await proposalOf(id);
      const letter = await backbone.parkedMessage(subscription, position);
      const proposed = await store.readBody(db, id);
      if (!letter || !proposed) throw new LockgateError("MESSAGE_GONE", { at: id });
      const definition = definitions.find(({ name }) => name === channel);
      const keys = definition?.keys?.(definition.format.parse(proposed)) ?? [];
      return { contentType: letter.contentType, original: letter.body, proposed, keys };
    },

    withdrawOvertaken: () => withdrawOvertaken(options),

    async run(signal) {
      while (!signal.aborted) {
        await withdrawOvertaken(options).catch((error: unknown) =>
          log.warn("overtaken resubmissions could not be withdrawn", { error }),
        );
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
    },
  };
}

/** A dead letter of a channel. @throws DEAD_LETTER_UNKNOWN, RESUBMISSION_UNFIT */
async function letterAt({ backbone, definitions }: ResubmissionsOptions, subscription: string, position: number) {
  const at = `${subscription} ${position}`;
  const letter = await backbone.parkedMessage(subscription, position);
  if (letter?.state !== "dead") throw new LockgateError("DEAD_LETTER_UNKNOWN", { at });
  const definition = definitions.find((one) => subscriptionsOf(one).some(({ name }) => name === subscription));
  if (!definition) throw new LockgateError("RESUBMISSION_UNFIT", { at });
  return { letter, definition };
}

const itemOf = (
  {
    id,
    channel,
    digest,
    fields,
    itemId,
    journeyId,
  }: Omit<store.ProposalRow, "state" | "newJourneyId" | "decidedBy" | "decidedAt">,
  code: string | undefined,
  { comment, by }: Pick<NewResubmission, "comment" | "by">,
  at: Date,
) => ({
  queue: QUEUE,
  domain: "operations",
  reason: code ?? "INTERNAL",
  criticality: "normal" as const,
  journeyId,
  title: `A mended message for the channel ${channel}`,
  content: { kind: "resubmission", resubmission: id, digest, fields, comment },
  tried: [],
  actions: [APPROVE, "refuse"].map((name) => ({ name, quorum: 1, roles: DECIDERS })),
  excluded: [by],
  dueAt: new Date(at.getTime() + DUE_MS),
  reply: { session: itemId, context: { kind: "resubmission", id } },
});

/** What a decision comes to, in its own commit. @throws WORK_OVERTAKEN, and what the channel finds wrong by now */
async function carryOut(options: ResubmissionsOptions, tx: Tx, { action, by, context }: WorkDecided): Promise<void> {
  const { id } = context as { readonly id: string };
  const { clock } = options;
  const at = new Date(clock.now());
  const actor = by.at(-1)!.name;
  const proposal = await store.lockProposal(tx, id);
  if (proposal?.state !== "proposed") throw new LockgateError("WORK_OVERTAKEN", { at: id });
  const newJourneyId = action === APPROVE ? await takeIn(options, tx, proposal, actor) : null;
  const state = newJourneyId === null ? "refused" : "taken-in";
  const leaf: Leaf = {
    at,
    part: PART,
    name: `resubmission.${state}`,
    outcome: "ok",
    journeyId: proposal.journeyId,
    actor,
    detail: { resubmission: id, digest: proposal.digest, ...(newJourneyId === null ? {} : { journey: newJourneyId }) },
  };
  void store.endProposal(tx, id, { state, newJourneyId, by: actor, at });
  await append(tx, [leaf]);
}

/** The mended message begins a journey of its own, and every letter of the original at this channel is answered. */
async function takeIn(
  { backbone, clock, environment, definitions }: ResubmissionsOptions,
  tx: Tx,
  proposal: store.ProposalRow & { readonly body: Buffer },
  actor: string,
): Promise<string> {
  const { id, channel, subscription, position, letter, journeyId: original, body } = proposal;
  const definition = definitions.find(({ name }) => name === channel);
  const root = await readRoot(tx, original);
  if (!definition || !root) throw new LockgateError("RESUBMISSION_UNFIT", { at: id });
  const detail = { resubmission: id, original };
  const isDead = await backbone.supersedeDeadLetter(tx, { subscription, position, version: letter }, actor, detail);
  if (!isDead) throw new LockgateError("WORK_OVERTAKEN", { at: `${subscription} ${position}` });
  for (const { name } of subscriptionsOf(definition))
    if (name !== subscription) await backbone.supersedeDeadLetter(tx, { subscription: name, position }, actor, detail);
  const journeyId = newId();
  await takeInMended(
    tx,
    { backbone, clock, environment },
    {
      definition,
      arrival: { bytes: body, sender: root.sender, controlId: id },
      journeyId,
      by: actor,
      detail,
    },
  );
  return journeyId;
}
