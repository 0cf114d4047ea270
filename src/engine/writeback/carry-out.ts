// Carries out one request at the target, once, and says what became of it.
//
//   basis ──────────────┐
//   read ─▶ decide ─▶ write under version and key ─▶ read back ─▶ applied, or refused as a mismatch
//    ▲         │           ├ stale: read again
//    └─────────┼───────────┘ answer lost: look for the key ─▶ found: read back · not found: the caller tries again later
//              └ unchanged, or refused once the key is not found either

import { type ErrorCode, LockgateError } from "#kernel/errors";
import { decide, onBasis, unheld, wanted } from "./decide.ts";
import type { CallContext, Held, RefusalCode, Target, Values, WriteRequest } from "./types.ts";

/** What became of a request. */
export type Outcome =
  | { readonly state: "applied"; readonly held: Held; readonly foundAgain: boolean }
  | { readonly state: "unchanged"; readonly held: Held }
  | Refused;

type Refused = {
  readonly state: "refused";
  readonly code: RefusalCode;
  readonly fields: readonly string[];
  /** The record, where it was written in spite of that. */
  readonly held?: Held | undefined;
};

/** The subject's record as last seen. */
type LastSeen = { readonly externalId: string; readonly held: Values };

/** One request on its way. */
type Errand = { readonly target: Target; readonly request: WriteRequest; readonly context: CallContext };

/** A record that others write at the same moment is read and decided again this often within one attempt. */
const MOST_REREADS = 3;

/**
 * Makes the change at the target, once, however often it is called.
 * @throws what speaks of the target rather than of the record, and whatever may pass
 */
export async function carryOut(errand: Errand, lastSeen: LastSeen | undefined): Promise<Outcome> {
  const outcome = await tryOnce(errand, lastSeen).catch((thrown: unknown) => asRefusal(thrown, errand.request));
  if (outcome.state !== "refused" || outcome.code === "WRITEBACK_MISMATCH") return outcome;
  // Written by an earlier attempt, and other changes since: what is in the way now is theirs.
  const held = await findAgain(errand);
  return held ? { state: "applied", held, foundAgain: true } : outcome;
}

async function tryOnce(errand: Errand, lastSeen: LastSeen | undefined): Promise<Outcome> {
  const { target, request, context } = errand;
  if (lastSeen) return update(errand, lastSeen);
  if (request.basis) return refused("ERP_NOT_FOUND");
  const { values, idempotencyKey } = request;
  return writeAndReadBack(errand, values, () => target.create(values, idempotencyKey, context));
}

async function update(errand: Errand, lastSeen: LastSeen): Promise<Outcome> {
  const { target, request, context } = errand;
  let step = stepOnBasis(request) ?? (await readAndDecide(errand, lastSeen));
  for (let rereads = 0; ; rereads += 1) {
    if ("state" in step) return step;
    const { version, values } = step;
    try {
      return await writeAndReadBack(errand, values, () =>
        target.update(lastSeen.externalId, version, values, request.idempotencyKey, context),
      );
    } catch (thrown) {
      if (!isCode(thrown, "ERP_STALE") || rereads === MOST_REREADS) throw thrown;
    }
    step = await readAndDecide(errand, lastSeen);
  }
}

/** What to write at which version. */
type Step = { readonly version: string; readonly values: Values };

function stepOnBasis(request: WriteRequest): Step | undefined {
  const values = onBasis(request);
  return values && request.basis && { version: request.basis.version, values };
}

async function readAndDecide(
  { target, request, context }: Errand,
  { externalId, held }: LastSeen,
): Promise<Step | Outcome> {
  const current = await target.read(externalId, context);
  if (!current) return refused("ERP_NOT_FOUND");
  // An earlier attempt whose answer was lost has written already.
  if (current.idempotencyKey === request.idempotencyKey) return { state: "applied", held: current, foundAgain: true };
  const decision = decide(request, current, held);
  switch (decision.write) {
    case "nothing":
      return { state: "unchanged", held: current };
    case "refused":
      return refused("WRITEBACK_CONFLICT", decision.fields);
    case "values":
      return { version: current.version, values: decision.values };
  }
}

/** Writes; where the answer is lost or the key is known already, the key says whether the write happened. */
async function writeAndReadBack(errand: Errand, values: Values, write: () => Promise<Held>): Promise<Outcome> {
  const written = await write().then(
    (held): Written => ({ held }),
    async (thrown: unknown): Promise<Written> => {
      if (!(thrown instanceof LockgateError) || thrown.disposition !== "ambiguous") throw thrown;
      const held = await findAgain(errand);
      if (!held) throw thrown;
      return { held, found: isCode(thrown, "ERP_DUPLICATE_KEY") ? "long-since" : "just-now" };
    },
  );
  return readBack(errand, values, written);
}

type Written = { readonly held: Held; readonly found?: "just-now" | "long-since" };

/** Reads the record afresh and compares it with what was written. */
async function readBack({ target, request, context }: Errand, values: Values, written: Written): Promise<Outcome> {
  const held = await target.read(written.held.externalId, context);
  if (!held) return refused("WRITEBACK_MISMATCH");
  const wrong = unheld(values, held.values);
  // At another version, under another key, or after a while, somebody wrote after us: their change, not a fault of ours.
  const isOurs = held.version === written.held.version && held.idempotencyKey === request.idempotencyKey;
  if (wrong.length > 0 && isOurs && written.found !== "long-since")
    return { ...refused("WRITEBACK_MISMATCH", wrong), held };
  return { state: "applied", held, foundAgain: written.found !== undefined };
}

const findAgain = ({ target, request, context }: Errand): Promise<Held | undefined> =>
  target.findByIdempotencyKey(request.idempotencyKey, context);

const refused = (code: RefusalCode, fields: readonly string[] = []): Refused => ({ state: "refused", code, fields });

/** What the target says of the one record is an answer. @throws anything else */
function asRefusal(thrown: unknown, { values }: WriteRequest): Refused {
  if (isCode(thrown, "ERP_NOT_FOUND")) return refused("ERP_NOT_FOUND");
  if (!isCode(thrown, "ERP_REFUSED")) throw thrown;
  const asked = wanted(values).map(([field]) => field);
  return refused("ERP_REFUSED", asked.includes(thrown.at ?? "") ? [thrown.at as string] : asked);
}

const isCode = (thrown: unknown, code: ErrorCode): thrown is LockgateError =>
  thrown instanceof LockgateError && thrown.code === code;
