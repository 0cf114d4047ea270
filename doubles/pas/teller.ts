// Tells a story scene by scene, at a rate, and goes on where it was after a restart.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A story and how it is told. */
export type Telling<Scene> = {
  readonly story: { next(): Scene };
  /** Sets it apart from others that are remembered in the same place, e.g. `story-1`. */
  readonly name: string;
  /** Scenes that are played quickly: whoever has just started has something to see. */
  readonly opening: number;
  /** Least time between two scenes once the opening has been played. */
  readonly everyMs: number;
  /** Where it is remembered how far the story was told. */
  readonly dataDirectory?: string | undefined;
  /** Plays one; the first is at place 0. */
  play(scene: Scene, place: number): Promise<void>;
};

const OPENING_EVERY_MS = 150;

/** Begins, or goes on, and stays at it until it is closed. */
export function tell<Scene>({ story, opening, everyMs, play, ...telling }: Telling<Scene>): { close(): Promise<void> } {
  const memory = memoryIn(telling.dataDirectory, telling.name);
  for (let told = 0; told < memory.told; told += 1) story.next();
  const stopping = new AbortController();
  const playing = (async () => {
    while (!stopping.signal.aborted) {
      const place = memory.told;
      // Kept first: a message that is lost with the process is one that was never said.
      memory.keep(place + 1);
      // Nobody listens for a while at each restart of the hub; the story goes on with the next scene.
      await play(story.next(), place).catch(() => undefined);
      const waitMs = place < opening ? Math.min(OPENING_EVERY_MS, everyMs) : everyMs;
      await pause(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    close() {
      stopping.abort();
      return playing;
    },
  };
}

function memoryIn(directory: string | undefined, name: string): { readonly told: number; keep(told: number): void } {
  const path = directory === undefined ? undefined : join(directory, `${name}.json`);
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
