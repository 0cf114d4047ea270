// HTTP to one host: bounded connections, time and size; how a request ended is told, and nothing is judged.

import { isUtf8 } from "node:buffer";
import { type Dispatcher, Pool } from "undici";
import type { AlarmClock, Clock } from "#kernel/clock";

/** A record is some ten kilobytes; a search gives one. */
const mostBytes = 1024 * 1024;
const longestConnectMs = 5_000;
/** Shorter than the idle time-outs of usual gateways, so that the service seldom closes first. */
const idleMs = 20_000;

/** A request to the host of a wire. */
export type Request = {
  readonly method: "GET" | "POST" | "PATCH";
  /** Path and query from the root of the host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
};

/** A whole answer, of whatever status. */
export type Reply = {
  readonly phase: "answered";
  readonly status: number;
  /** Undefined if the body is not UTF-8, or is longer than anything the service may send. */
  readonly body: string | undefined;
  readonly etag: string | undefined;
  /** `X-Request-ID`, which the service mirrors. */
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
};

/** No whole answer. `unsent`: not a byte of the request left this machine. `sent`: it may have left. */
export type Loss = { readonly phase: "unsent" | "sent"; readonly cause: string };

/** The wire to one host. */
export type Wire = {
  /** Never repeats a request, follows no redirection, never rejects. */
  send(request: Request): Promise<Reply | Loss>;
  /** Lets the requests in hand end; later ones are `unsent`. */
  close(): Promise<void>;
};

/** Opens no connection before the first request. */
export function openWire(
  origin: string,
  { connections, timeoutMs, clock }: { connections: number; timeoutMs: number; clock: AlarmClock },
): Wire {
  const pool = new Pool(origin, {
    connections,
    allowH2: false,
    connect: { timeout: Math.min(timeoutMs, longestConnectMs) },
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    maxResponseSize: mostBytes,
    // The deadline of `send` covers every phase.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const attempt = (request: Request, settle: (how: Reply | Loss) => void): void => {
    const { method, path, headers, body = null, signal } = request;
    const answer = collect(clock);
    let inHand: Dispatcher.DispatchController | undefined;
    let isOver = false;
    /** Says whether this end was the first. */
    const end = (how: Reply | Loss): boolean => {
      if (isOver) return false;
      isOver = true;
      stopAlarm();
      signal?.removeEventListener("abort", onAbort);
      settle(how);
      return true;
    };
    const lose = (cause: string): void => {
      if (end({ phase: inHand ? "sent" : "unsent", cause })) inHand?.abort(new Error(cause));
    };
    const onAbort = (): void => lose("ABORTED");
    signal?.addEventListener("abort", onAbort, { once: true });
    const stopAlarm = clock.after(timeoutMs, () => lose("TIMED_OUT"));
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        // The last moment before the first byte. Given up meanwhile, or begun once before: nothing may leave.
        if (isOver || inHand) return controller.abort(new Error("given up"));
        inHand = controller;
      },
      onResponseStart(_controller, status, headers) {
        answer.begin(status, headers);
      },
      onResponseData(_controller, bytes) {
        answer.add(bytes);
      },
      onResponseEnd() {
        end(answer.whole());
      },
      onResponseError(_controller, error) {
        const cause = causeOf(error);
        if (cause === "UND_ERR_RES_EXCEEDED_MAX_SIZE") end({ ...answer.whole(), body: undefined });
        else lose(cause);
      },
    };
    try {
      pool.dispatch({ method, path, headers, body }, handler);
    } catch (error) {
      lose(causeOf(error));
    }
  };

  let closing: Promise<void> | undefined;
  return {
    send: (request) =>
      new Promise((resolve) => {
        if (request.signal?.aborted) resolve({ phase: "unsent", cause: "ABORTED" });
        else attempt(request, resolve);
      }),
    close: () => {
      closing ??= pool.close();
      return closing;
    },
  };
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Gathers one answer as it comes. */
function collect(clock: Clock) {
  let status = 0;
  let headers: Headers = {};
  const pieces: Buffer[] = [];
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === "object" ? value[0] : value;
  };
  return {
    begin: (code: number, all: Headers): void => {
      status = code;
      headers = all;
    },
    add: (bytes: Buffer): void => {
      pieces.push(bytes);
    },
    whole: (): Reply => {
      const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      return {
        phase: "answered",
        status,
        body: isUtf8(bytes) ? bytes.toString("utf8") : undefined,
        etag: header("etag"),
        requestId: header("x-request-id"),
        retryAfterMs: waitOf(header("retry-after") ?? "", clock.now()),
      };
    },
  };
}

/** `Retry-After` as seconds or as a date (RFC 9110 §10.2.3). */
function waitOf(text: string, nowMs: number): number | undefined {
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}

/** The socket's or the client's code of a failure. Its message may quote what was received. */
const causeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,59}$/.test(code) ? code : "NO_ANSWER";
};
