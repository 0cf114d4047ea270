// News for pages that are open: one look at the log for all streams of this node, and each told only that something changed.

import type { FastifyRequest } from "fastify";
import { logTail } from "#engine/audit";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import type { Principal } from "../identity/principal.ts";
import { type Kind, kinds, kindsOf } from "./kinds.ts";
import { openStream, type Stream } from "./streams.ts";

const LOOK_EVERY_MS = 1_000;
/** How often a stream says that it is there, and is asked whether whoever reads it still may. */
const BEAT_EVERY_LOOKS = 15;
/** More than so many leaves are not read: then everything is said to have changed. */
const MOST_LEAVES = 500;
const MOST_STREAMS = 500;
/** A person has few browsers, and a browser has one stream. */
const MOST_EACH = 8;
const COME_AGAIN_MS = 30_000;

/** The streams of a node. */
export type Live = {
  /**
   * Opens a stream for whoever asks, from where the one before ended.
   * @param after the position that the reader was last told of; absent: news from now on
   * @param may whether a principal may still read it
   * @throws RATE_EXCEEDED where the same person reads too many, GATEWAY_OVERLOADED where all do
   */
  follow(request: FastifyRequest, after: number | undefined, may: (who: Principal) => boolean): Promise<Stream>;
  /** How many are open. */
  count(): number;
  /** Ends every stream. */
  close(): Promise<void>;
};

export type LiveOptions = { readonly db: Db; readonly clock: Clock; readonly log: Log };

type Reader = {
  readonly stream: Stream;
  readonly id: string;
  /** What is told after this is news to it. */
  since: number;
  stillMay(): Promise<boolean>;
};

/** Opens none before somebody asks; while nobody reads, nobody looks. */
export function openLive({ db, clock, log }: LiveOptions): Live {
  const readers = new Set<Reader>();
  const closing = new AbortController();
  let looking: Promise<void> | undefined;

  async function since(after: number | undefined): Promise<{ found: Iterable<Kind>; upTo: number }> {
    const { upTo, leaves, isWhole } = await logTail(db, after, MOST_LEAVES);
    return { found: isWhole ? kindsOf(leaves) : kinds, upTo };
  }

  async function beat(): Promise<void> {
    for (const reader of readers) {
      // Where it cannot be told whether somebody still may, it is asked again at the next beat.
      const may = await reader.stillMay().catch(() => true);
      if (may) reader.stream.beat();
      else reader.stream.end();
    }
  }

  async function look(from: number): Promise<void> {
    let known = from;
    for (let looks = 1; readers.size > 0 && !closing.signal.aborted; looks += 1) {
      try {
        const { found, upTo } = await since(known);
        const changed = [...found];
        for (const reader of readers) if (changed.length > 0 && upTo > reader.since) reader.stream.tell(changed, upTo);
        known = upTo;
        if (looks % BEAT_EVERY_LOOKS === 0) await beat();
      } catch (error) {
        log.warn("news for open pages could not be read", { error });
      }
      await clock.sleep(LOOK_EVERY_MS, closing.signal);
    }
    looking = undefined;
  }

  return {
    count: () => readers.size,
    async follow(request, after, may) {
      const { id } = request.principal;
      if (readers.size >= MOST_STREAMS) throw new LockgateError("GATEWAY_OVERLOADED", { retryAfterMs: COME_AGAIN_MS });
      if ([...readers].filter((one) => one.id === id).length >= MOST_EACH)
        throw new LockgateError("RATE_EXCEEDED", { at: "streams", retryAfterMs: COME_AGAIN_MS });
      const stream = openStream();
      const reader: Reader = {
        stream,
        id,
        since: Number.MAX_SAFE_INTEGER,
        async stillMay() {
          const who = await request.stillAsks();
          return who !== undefined && may(who);
        },
      };
      // Counted before the first wait: many that come at once are bounded too.
      readers.add(reader);
      stream.body.once("close", () => readers.delete(reader));
      try {
        const { found, upTo } = await since(after);
        reader.since = upTo;
        // The first event tells where the log stands, so that the next stream can go on from there.
        stream.tell(found, upTo);
        looking ??= look(upTo);
      } catch (thrown) {
        stream.body.destroy();
        throw thrown;
      }
      return stream;
    },
    async close() {
      closing.abort();
      for (const { stream } of readers) stream.end();
      await looking;
    },
  };
}
