// What happened on a journey, in words.

const steps: Readonly<Record<string, string>> = {
  received: "Received",
  transformed: "Read",
  filtered: "Left out by the channel",
  matched: "Matched to a person",
  verified: "Checked with the national service",
  checked: "Something was found",
  decided: "Decided by the rules",
  proposed: "Proposed to the ERP",
  asked: "A person is asked",
  answered: "A person answered",
  written: "Written to the ERP",
  "read-back": "Read back from the ERP",
  completed: "Complete",
  advanced: "Saga went on",
  undone: "Taken back",
  mapped: "Codes looked up",
  linked: "Linked",
  unlinked: "Link taken back",
  "session.begun": "Signed in",
  "session.ended": "Session ended",
  "session.changed": "Given other roles",
  "watch.begun": "Had somebody's record watched",
  "watch.lifted": "Had somebody's record watched no longer",
  "staff.linked": "Said who of the staff is which patient",
  "staff.unlinked": "Took back who of the staff is which patient",
  "work.opened": "Put into a queue",
  "work.shown": "Looked at",
  "work.claimed": "Taken on",
  "work.released": "Given back",
  "work.assigned": "Given to somebody",
  "work.inquired": "Waits for more information",
  "work.commented": "Commented",
  "work.escalated": "Made more pressing",
  "work.chosen": "Chosen",
  "work.decided": "Decided by a person",
  "work.expired": "Nobody decided in time",
  "work.withdrawn": "No longer needed",
  "sla.breached": "Took longer than agreed",
  "dead-letter.parked": "Stopped",
  "dead-letter.replayed": "Tried again",
  "dead-letter.dismissed": "Given up",
  "dead-letter.resubmitted": "Mended and taken in anew",
  "resubmission.proposed": "A mended message is proposed",
  "resubmission.taken-in": "The mended message is taken in",
  "resubmission.refused": "The mended message is refused",
  "resubmission.withdrawn": "The mended message is no longer needed",
};

/** A milestone's name as people read it. */
export const stepWord = (name = ""): string => steps[name] ?? name.replaceAll(/[-.]/g, " ");

/** Of the machinery, or somebody who only looked: no milestone that whoever follows a message asks for. */
export const isAside = (name = ""): boolean =>
  name === "advanced" || name === "work.shown" || name.startsWith("access.");
