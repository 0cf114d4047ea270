// What somebody may do, and did, as the policies name it, in words.

/** Of each action what somebody may do, and what they did. */
const looks: Readonly<Record<string, readonly [may: string, did: string]>> = {
  "journeys.read": ["look at journeys", "Looked at journeys"],
  "messages.read": ["look at messages", "Looked at messages"],
  "message.content.reveal": ["read a message", "Read a message"],
  "message.restricted.reveal": [
    "read a whole message of a restricted person",
    "Read a whole message of a restricted person",
  ],
  "deadletters.read": ["look at dead letters", "Looked at dead letters"],
  "deadletters.replay": ["try a dead letter again", "Tried a dead letter again"],
  "deadletters.dismiss": ["give up a dead letter", "Gave up a dead letter"],
  "deadletters.resubmit": ["propose a mended message", "Proposed a mended message"],
  "work.list": ["look at lists of work", "Looked at lists of work"],
  "work.show": ["open a work item", "Opened a work item"],
  "work.claim": ["take on a work item", "Took on a work item"],
  "work.assign": ["give a work item to somebody", "Gave a work item to somebody"],
  "work.inquire": ["say what a work item lacks", "Said what a work item lacks"],
  "work.decide": ["decide a work item", "Decided a work item"],
  "work.comment": ["write under a work item", "Wrote under a work item"],
  "work.escalate": ["make a work item more pressing", "Made a work item more pressing"],
  "channels.read": ["look at channels", "Looked at channels"],
  "channels.pause": ["pause a channel", "Paused a channel"],
  "channels.resume": ["resume a channel", "Resumed a channel"],
  "channels.try": ["try a message on a channel", "Tried a message on a channel"],
  "codes.read": ["look at code maps", "Looked at code maps"],
  "codes.put": ["map a code", "Mapped a code"],
  "rules.read": ["look at rules", "Looked at rules"],
  "rules.put": ["put rules in force", "Put rules in force"],
  "rules.dryrun": ["try rules", "Tried rules"],
  "sagas.read": ["look at sagas", "Looked at sagas"],
  "sagas.pause": ["pause a saga", "Paused a saga"],
  "sagas.cancel": ["end a saga", "Ended a saga"],
  "sagas.retry": ["have a saga go on", "Had a saga go on"],
  "audit.search": ["search the audit", "Searched the audit"],
  "audit.prove": ["ask for proofs of the audit", "Asked for proofs of the audit"],
  "metrics.read": ["look at figures", "Looked at figures"],
  "live.follow": ["follow what is new", "Followed what is new"],
  "matching.quality.read": ["look at the quality of matching", "Looked at the quality of matching"],
  "persons.read": ["read a person's record", "Read a person's record"],
  "persons.match": ["ask who somebody may be", "Asked who somebody may be"],
  "persons.unlink": ["ask for a link to be taken back", "Asked for a link to be taken back"],
  "demographics.propose": ["propose a change", "Proposed a change"],
  "demographics.follow": ["follow a change", "Followed a change"],
  "break-glass.use": ["break the glass", "Broke the glass"],
  "catalogue.read": ["look at the APIs", "Looked at the APIs"],
  "access.explain": ["ask who may do what", "Asked who may do what"],
  "access.administer": [
    "change who is watched, or who is of the staff",
    "Changed who is watched, or who is of the staff",
  ],
  "export.run": ["take an export away", "Took an export away"],
};

/** What somebody did in words, or its name where there are none. */
export const lookWord = (action: string | undefined): string | undefined => action && (looks[action]?.[1] ?? action);

/** What somebody may do in words, to stand behind `may`; or its name where there are none. */
export const mayWord = (action: string): string => looks[action]?.[0] ?? action;
