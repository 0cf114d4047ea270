// A log file that cannot fill the disk: one current file and one older one, each of a limited size.

import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

const maxFileBytes = 1024 * 1024;
const maxTailBytes = 8 * 1024;

/** A bounded log; writing never throws, because a lost log line must not stop the server it tells of. */
export type BoundedLog = {
  append(chunk: Buffer): void;
  /** What was appended last, at most 8 KiB. */
  tail(): string;
};

/** Opens `<name>.log` in the directory, which is created (0700) if missing; older text moves to `<name>.1.log`. */
export function boundedLog(directory: string, name: string): BoundedLog {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const current = join(directory, `${name}.log`);
  let fileBytes = statSync(current, { throwIfNoEntry: false })?.size ?? 0;
  let tail = Buffer.alloc(0);

  return {
    append(chunk) {
      tail = Buffer.concat([tail, chunk]).subarray(-maxTailBytes);
      try {
        if (fileBytes + chunk.length > maxFileBytes) {
          renameSync(current, join(directory, `${name}.1.log`));
          fileBytes = 0;
        }
        appendFileSync(current, chunk, { mode: 0o600 });
        fileBytes += chunk.length;
      } catch {
        // A full disk: the lines stay in the tail.
      }
    },
    tail: () => tail.toString("utf8"),
  };
}
