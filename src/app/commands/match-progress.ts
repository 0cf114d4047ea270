// How far a long command is: a bar on a terminal, a line every few seconds elsewhere.

import type { WriteStream } from "node:tty";

const barWidth = 24;
const barEveryMs = 100;
const lineEveryMs = 5_000;

/** Tells progress and, between, what is said. */
export type ProgressLine = {
  /** `done`: share of the stage, 0 to 1. */
  show(stage: string, done: number): void;
  say(line: string): void;
  end(): void;
};

export function progressLine(stream: Pick<WriteStream, "write"> & { readonly isTTY?: boolean }): ProgressLine {
  const isTerminal = stream.isTTY === true;
  const clear = () => isTerminal && stream.write("\r\u001b[K");
  let shownAt = performance.now() - (isTerminal ? barEveryMs : 0);
  return {
    show(stage, done) {
      const now = performance.now();
      if (now - shownAt < (isTerminal ? barEveryMs : lineEveryMs)) return;
      shownAt = now;
      const percent = `${Math.floor(done * 100)} %`;
      const full = Math.round(Math.min(1, done) * barWidth);
      if (isTerminal) stream.write(`\r\u001b[K[${"#".repeat(full)}${".".repeat(barWidth - full)}] ${stage} ${percent}`);
      else stream.write(`${stage} ${percent}\n`);
    },
    say(line) {
      clear();
      stream.write(`${line}\n`);
    },
    end: () => void clear(),
  };
}
