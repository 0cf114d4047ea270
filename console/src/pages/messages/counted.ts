// What figures of operations and measures count, in words.

import type { MessageCount, MessageFilter } from "../../api/messages.ts";
import { duration } from "../../words/time.ts";

const words: Readonly<Record<MessageCount, string>> = {
  written: "Written to the ERP",
  failed: "Refused, or stopped and not gone on since",
  late: "Later than agreed",
  journeys: "Those that something was to come of",
  unaided: "Right first time: neither a person nor a second attempt was needed",
  aided: "Not right first time: a person or a second attempt was needed",
  automatic: "Decided without a person",
  asked: "Somebody was asked",
  linked: "Linked with a person by matching",
  reviewed: "Decided by a steward",
  overturned: "Their links were taken back",
};

/** What is shown of all messages: `Written to the ERP in less than 10 s`. */
export function countedWords({ counted, leastMs = 0, belowMs }: MessageFilter): string {
  const took = [
    leastMs > 0 && `in ${duration(leastMs)} or more`,
    belowMs !== undefined && `in less than ${duration(belowMs)}`,
  ];
  return [counted ? words[counted] : "What came in", took.filter(Boolean).join(", ")].filter(Boolean).join(" ");
}
