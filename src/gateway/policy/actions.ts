// The closed list of what can be asked of the platform, each on one type of resource; the Cedar schema says the same.

import { z } from "zod";

/** Every action, `area.verb`, with the type of resource it is about. */
export const actions = {
  "journeys.read": "journey",
  "messages.read": "message",
  "message.content.reveal": "message",
  "message.restricted.reveal": "message",
  "deadletters.read": "deadletter",
  "deadletters.replay": "deadletter",
  "deadletters.dismiss": "deadletter",
  "deadletters.resubmit": "deadletter",
  "work.list": "workQueue",
  "work.show": "workItem",
  "work.claim": "workItem",
  "work.assign": "workItem",
  "work.inquire": "workItem",
  "work.decide": "workItem",
  "work.comment": "workItem",
  "work.escalate": "workItem",
  "channels.read": "channel",
  "channels.pause": "channel",
  "channels.resume": "channel",
  "channels.try": "channel",
  "codes.read": "codeMap",
  "codes.put": "codeMap",
  "rules.read": "rulePack",
  "rules.put": "rulePack",
  "rules.dryrun": "rulePack",
  "sagas.read": "saga",
  "sagas.pause": "saga",
  "sagas.cancel": "saga",
  "sagas.retry": "saga",
  "audit.search": "auditLog",
  "audit.prove": "auditLog",
  "metrics.read": "platform",
  "live.follow": "platform",
  "matching.quality.read": "platform",
  "persons.read": "person",
  "persons.match": "person",
  "persons.unlink": "person",
  "demographics.propose": "person",
  "demographics.follow": "change",
  "break-glass.use": "person",
  "catalogue.read": "catalogue",
  "access.explain": "access",
  "access.administer": "access",
  "export.run": "export",
} as const satisfies Record<string, ResourceType>;

/** Something that can be asked for. */
export type Action = keyof typeof actions;

/** Every action, in the order of the list. */
export const actionNames = Object.keys(actions) as readonly Action[];

/** What data is asked for, as privacy law means it. */
export const purposes = ["direct-care", "administration", "finance", "audit", "safety-review", "break-glass"] as const;
export type Purpose = (typeof purposes)[number];

/** Whose work an item is. */
export const domains = ["demographics", "operations", "finance", "supply", "workforce", "safety"] as const;

/** What the caller owes when it uses a permission. `reason-recorded`: the reason given goes into the audit. */
export const obligations = ["reason-recorded", "later-review"] as const;
export type Obligation = (typeof obligations)[number];

const people = z.array(z.string().min(1));
const plain = <Type extends string>(type: Type) => z.strictObject({ type: z.literal(type) });

/** What an action is about. No attribute has a default: whoever asks must know, or the answer would be a guess. */
export const resourceShape = z.discriminatedUnion("type", [
  plain("journey"),
  plain("message"),
  plain("deadletter"),
  z.strictObject({ type: z.literal("workQueue"), domain: z.string().min(1) }),
  z.strictObject({ type: z.literal("workItem"), domain: z.string().min(1), proposers: people, chosenBy: people }),
  plain("channel"),
  z.strictObject({ type: z.literal("codeMap"), domain: z.string().min(1) }),
  plain("rulePack"),
  plain("saga"),
  plain("auditLog"),
  plain("platform"),
  plain("person"),
  z.strictObject({ type: z.literal("change"), own: z.boolean() }),
  plain("catalogue"),
  z.strictObject({ type: z.literal("access"), subject: z.string().min(1).optional() }),
  z.strictObject({ type: z.literal("export"), personal: z.boolean() }),
]);

/** What an action is about; persons in it go by the `id` of their principal. */
export type Resource = z.output<typeof resourceShape>;
export type ResourceType = Resource["type"];
