// HL7 v2 over MLLP, receiving: guards MSH-11, hands messages to the channel, and answers in original or enhanced mode.

import type { Inlet, StartSource } from "#engine/channels";
import {
  type AcknowledgementCode,
  type AnswerError,
  acknowledge,
  type Header,
  isBatch,
  readBatch,
  readHeader,
  unknownHeader,
} from "#formats/hl7v2";
import { checkSettings } from "#kernel/config";
import { asLockgateError, errorTable } from "#kernel/errors";
import { mllpServer } from "./server.ts";
import { mllpSourceSettings } from "./settings.ts";
import type { MllpPeer } from "./types.ts";

/** HL7 v2.1 to 2.8; old senders leave MSH-12 out. */
const SPOKEN = /^(?:2\.[1-8](?:\.\d+)?)?$/;

const startedAt = Date.now().toString(36).toUpperCase();
let answered = 0;
/** MSH-10 of an acknowledgement: unique, and within the 20 characters of versions before 2.7. */
const nextControlId = (): string => `LG${startedAt}${(answered++).toString(36).toUpperCase()}`;

/** Starts an MLLP listener for a channel. */
export const startMllpSource: StartSource = async (given, inlet) => {
  const { host, processingId, tls, ...limits } = checkSettings(mllpSourceSettings, given, "mllp");
  const server = await mllpServer({
    host,
    ...limits,
    ...(tls ? { tls } : {}),
    onMessage: (bytes, peer) =>
      isBatch(bytes) ? answerBatch(bytes, peer, processingId, inlet) : answerOne(bytes, peer, processingId, inlet),
    async onRefused(error, peer) {
      await inlet.refuse({ code: error.code }, peer.remote);
      return reply(unknownHeader, "AR", [{ code: error.code }]);
    },
  });
  return { address: `mllp://${host}:${server.port}`, close: () => server.close() };
};

const reply = (header: Header, code: AcknowledgementCode, errors: readonly AnswerError[] = []): Buffer =>
  acknowledge(header, { code, controlId: nextControlId(), at: new Date(), errors });

/** What became of one message, before it is put in the words of a mode. */
type Verdict = {
  /** Safely stored, whether or not its content is good. */
  readonly stored: boolean;
  readonly errors: readonly AnswerError[];
};

async function answerOne(
  bytes: Buffer,
  peer: MllpPeer,
  processingId: string,
  inlet: Inlet,
): Promise<readonly Buffer[]> {
  let header: Header | undefined;
  try {
    header = readHeader(bytes);
    return answers(header, await take(header, bytes, processingId, inlet));
  } catch (thrown) {
    const { code, at } = asLockgateError(thrown);
    const error: AnswerError = { code, ...(at ? { at } : {}) };
    // Bytes without a usable header cannot be routed, but they are kept for a person to look at.
    if (!header) await inlet.receive({ bytes, sender: peer.remote, fault: error });
    return answers(header ?? unknownHeader, { stored: !header, errors: [error] });
  }
}

async function take(header: Header, bytes: Buffer, processingId: string, inlet: Inlet): Promise<Verdict> {
  const sender = `${header.sendingApplication}|${header.sendingFacility}`;
  const turnAway = async (error: AnswerError): Promise<Verdict> => {
    await inlet.refuse(error, sender);
    return { stored: false, errors: [error] };
  };
  if (header.processingId !== processingId) return turnAway({ code: "HL7_WRONG_PROCESSING_ID", at: "MSH-11" });
  if (!SPOKEN.test(header.version)) return turnAway({ code: "HL7_UNSUPPORTED_VERSION", at: "MSH-12" });
  const missing = header.controlId === "" ? ({ code: "HL7_REQUIRED_FIELD", at: "MSH-10" } as const) : undefined;
  const identity = missing ? { fault: missing } : { controlId: header.controlId };
  const receipt = await inlet.receive({ bytes, sender, ...identity });
  if (receipt.outcome === "conflict") return turnAway({ code: "HL7_DUPLICATE_CONTROL_ID", at: "MSH-10" });
  return { stored: true, errors: receipt.faults };
}

/** The acknowledgements of one message (HL7 v2.8, 2.9.2 original and 2.9.3 enhanced mode). */
function answers(header: Header, { stored, errors }: Verdict): Buffer[] {
  const [worst] = errors;
  const code = worst ? errorTable[worst.code].ack : "AA";
  if (header.acceptAck === "" && header.applicationAck === "") return [reply(header, code, errors)];
  const wantsApplication = wanted(header.applicationAck || "NE", worst !== undefined);
  // Good content, or bad content that an application acknowledgement will speak of: the message itself is safe.
  const accept = !worst || (stored && code === "AE" && wantsApplication) ? "CA" : code === "AR" ? "CR" : "CE";
  const accepted = accept === "CA";
  return [
    ...(wanted(header.acceptAck || "AL", !accepted) ? [reply(header, accept, accepted ? [] : errors)] : []),
    ...(accepted && wantsApplication ? [reply(header, code, errors)] : []),
  ];
}

/** HL7 table 0155: always, never, on error or reject, on success. */
function wanted(condition: string, failed: boolean): boolean {
  if (condition === "AL") return true;
  return failed ? condition === "ER" : condition === "SU";
}

/** Each message of a batch is taken and answered by itself, in order. */
async function answerBatch(
  bytes: Buffer,
  peer: MllpPeer,
  processingId: string,
  inlet: Inlet,
): Promise<readonly Buffer[]> {
  const batch = (() => {
    try {
      return readBatch(bytes);
    } catch (thrown) {
      return asLockgateError(thrown);
    }
  })();
  if (batch instanceof Error) {
    const error = { code: batch.code, ...(batch.at ? { at: batch.at } : {}) };
    await inlet.receive({ bytes, sender: peer.remote, fault: error });
    return [reply(unknownHeader, "AR", [error])];
  }
  const messages = batch.batches.flatMap((part) => part.messages);
  const replies: Buffer[] = [];
  for (const message of messages) replies.push(...(await answerOne(Buffer.from(message), peer, processingId, inlet)));
  return replies;
}
