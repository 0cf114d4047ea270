// Structured logs, one JSON object a line, that never hold what a message says.

import { pino } from "pino";
import { LockgateError } from "./errors.ts";

/** Fields that may be logged: identities, codes, sizes, times. Never content. */
export type LogFields = { readonly error?: unknown; readonly [field: string]: unknown };

/** A logger; `child` adds fields to every line. */
export type Log = {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
  child(fields: LogFields): Log;
};

/**
 * An error as far as it may be shown. The message of a foreign error may quote data (a JSON parser quotes its input,
 * PostgreSQL its row), so only its kind, its code and where it was thrown are kept.
 */
function describe(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { kind: typeof thrown };
  const frames = framesOf(thrown);
  const cause = thrown.cause === undefined ? {} : { cause: describe(thrown.cause) };
  if (thrown instanceof LockgateError) {
    return {
      code: thrown.code,
      ...(thrown.at ? { at: thrown.at } : {}),
      ...(thrown.reason ? { reason: thrown.reason } : {}),
      ...cause,
    };
  }
  const code = (thrown as { code?: unknown }).code;
  return { kind: thrown.name, ...(code === undefined ? {} : { code }), frames, ...cause };
}

/** Where it was thrown. The stack repeats the message before its frames, so that is cut off first. */
function framesOf({ stack = "", message }: Error): string[] {
  const afterMessage = stack.slice(stack.indexOf(message) + message.length);
  const frames = afterMessage.split("\n").filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  return frames.slice(0, 6).map((line) => line.trim());
}

const safe = (fields: LogFields = {}): LogFields =>
  fields.error === undefined ? fields : { ...fields, error: describe(fields.error) };

const WARNING = 40;
const MOST_GATHERED = 16_384;

/** What writes lines that wait. */
const waiting = new Set<() => void>();
process.on("exit", () => {
  for (const flush of waiting) flush();
});

/**
 * Lines that come within one turn of the event loop leave in one write. A warning leaves at once, with all that came before it;
 * so does everything when the process ends.
 */
function gathered(destination: string | undefined) {
  const out = pino.destination({ dest: destination ?? 2, sync: true, mkdir: true });
  let lines = "";
  const flush = (): void => {
    if (waiting.delete(flush)) out.write(lines);
    lines = "";
  };
  return {
    // pino tells the level of a line to a destination that asks for it.
    [Symbol.for("pino.metadata")]: true,
    lastLevel: WARNING,
    write(line: string): void {
      lines += line;
      if (!waiting.has(flush)) {
        waiting.add(flush);
        setImmediate(flush);
      }
      if (this.lastLevel >= WARNING || lines.length > MOST_GATHERED) flush();
    },
  };
}

/** Writes to `destination` (a file path) or to standard error. */
export function openLog(level: "debug" | "info" | "warn" | "error" | "silent", destination?: string): Log {
  const root = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    gathered(destination),
  );
  const wrap = (logger: typeof root): Log => ({
    debug: (text, fields) => logger.debug(safe(fields), text),
    info: (text, fields) => logger.info(safe(fields), text),
    warn: (text, fields) => logger.warn(safe(fields), text),
    error: (text, fields) => logger.error(safe(fields), text),
    child: (fields) => wrap(logger.child(safe(fields))),
  });
  return wrap(root);
}
