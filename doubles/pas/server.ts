// The hospital at work: plays its story scene by scene, at a rate, and goes on where it was after a restart.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Others, openDesks } from "./desks.ts";
import { messageOf } from "./message.ts";
import { lineTo } from "./mllp.ts";
import { OPENING_SCENES, openStory, type Scene } from "./story.ts";

/** How a hospital is run. */
export type PasDoubleOptions = Others & {
  /** Port of 127.0.0.1 that takes its messages. */
  readonly port: number;
  /** Least time between two scenes once the opening has been played. */
  readonly everyMs: number;
  readonly seed: number;
  /** Where it remembers how far the story was told. */
  readonly dataDirectory?: string | undefined;
};

/** A hospital at work. */
export type PasDouble = {
  /** How many scenes were played since the start. */
  readonly played: () => number;
  close(): Promise<void>;
};

const HOST = "127.0.0.1";
/** The opening is played quickly: whoever has just started has something to see. */
const OPENING_EVERY_MS = 150;

/** Begins, or goes on, and stays at it until it is closed. */
export function startPasDouble(options: PasDoubleOptions): PasDouble {
  const { seed, everyMs } = options;
  const memory = memoryIn(options.dataDirectory, seed);
  const story = openStory(seed);
  for (let told = 0; told < memory.told; told += 1) story.next();
  const line = lineTo(HOST, options.port);
  const desks = openDesks(options);
  const stopping = new AbortController();
  let played = 0;
  const play = async ({ national, saying, slowErp }: Scene, place: number): Promise<void> => {
    if (national) await desks.know(national);
    if (slowErp) await desks.slow(slowErp);
    if (saying) await line.say(messageOf(saying, `PAS${seed}-${place + 1}`, Date.now()));
  };
  const playing = (async () => {
    while (!stopping.signal.aborted) {
      const place = memory.told;
      // Kept first: a message that is lost with the process is one that was never said.
      memory.keep(place + 1);
      // Nobody listens for a while at each restart of the hub; the story goes on with the next scene.
      await play(story.next(), place).catch(() => undefined);
      played += 1;
      const waitMs = place < OPENING_SCENES ? Math.min(OPENING_EVERY_MS, everyMs) : everyMs;
      await pause(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    played: () => played,
    async close() {
      stopping.abort();
      line.close();
      await playing;
      await desks.close();
    },
  };
}

/** How far the story of a seed was told. */
function memoryIn(directory: string | undefined, seed: number): { readonly told: number; keep(told: number): void } {
  const path = directory === undefined ? undefined : join(directory, `story-${seed}.json`);
  let told = 0;
  try {
    if (path) told = (JSON.parse(readFileSync(path, "utf8")) as { told: number }).told;
  } catch {
    mkdirSync(directory!, { recursive: true });
  }
  return {
    get told() {
      return told;
    },
    keep(now) {
      told = now;
      if (!path) return;
      writeFileSync(`${path}.new`, JSON.stringify({ told }));
      renameSync(`${path}.new`, path);
    },
  };
}
