// One HTTP exchange with NAV: bounded connections, time and size; what goes wrong is told by how far the request came.

import { isUtf8 } from "node:buffer";
import { type Dispatcher, Pool } from "undici";
import type { CallContext } from "#canonical/contracts";
import type { AlarmClock } from "#kernel/clock";
import { whileTaken } from "#kernel/credential-use";
import { LockgateError } from "#kernel/errors";
import { calling } from "#kernel/telemetry";
import { errorFrom, type Phase } from "./dispositions.ts";
import type { NavSettings } from "./settings.ts";

const maxResponseBytes = 16 * 1024 * 1024;
const longestConnectMs = 5_000;
/** Shorter than the idle time-outs of HTTP.sys and of usual gateways, so that the ERP seldom closes first. */
const idleMs = 10_000;

const UNAUTHORISED = 401;

/** A request to NAV. */
export type NavRequest = {
  readonly method: "GET" | "POST" | "PATCH";
  /** Path and query from the root of the host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether it may change the ERP. */
  readonly isWrite: boolean;
};

/** A whole answer, of whatever status. */
export type NavAnswer = {
  readonly status: number;
  /** Undefined if the body is not UTF-8. */
  readonly text: string | undefined;
  /** Of `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
};

/** The wire to one ERP. */
export type Exchange = {
  /**
   * Follows no redirection, and repeats a request only where its access key was refused and there is another by now. Rejects
   * with the code the table of dispositions gives.
   */
  send(request: NavRequest, context: CallContext): Promise<NavAnswer>;
  /** The same connections, with their calls counted as another system's. */
  countedAs(system: string): Exchange;
  /** Lets the requests in hand end. */
  close(): Promise<void>;
};

/** Opens no connection before the first request. */
export function openExchange(settings: NavSettings, clock: AlarmClock): Exchange {
  const underKey = whileTaken(() => settings.accessKey);
  const authorization = (accessKey: string): string =>
    `Basic ${Buffer.from(`${settings.user}:${accessKey}`, "latin1").toString("base64")}`;
  const pool = new Pool(new URL(settings.baseUrl).origin, {
    connections: settings.maxConnections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: Math.min(longestConnectMs, settings.timeoutMs) },
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    maxResponseSize: maxResponseBytes,
    // One deadline of our own covers waiting, connecting, headers and body.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const common = {
    // Codes decide; the one text that must be read (a lock) is asked for in one language.
    "accept-language": "en-US",
    // Nothing is decompressed, so no small answer can become a large one.
    "accept-encoding": "identity",
    // A read replica may lag behind a write that was just answered.
    "data-access-intent": "ReadWrite",
  };

  const exchange = (request: NavRequest, accessKey: string, context: CallContext): Promise<NavAnswer> =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let phase: Phase = "unsent";
      let isOver = false;
      let status = 0;
      let retryAfter: string | undefined;
      let control: Dispatcher.DispatchController | undefined;

      const end = (): boolean => {
        if (isOver) return false;
        isOver = true;
        stopAlarm();
        context.signal?.removeEventListener("abort", onAbort);
        return true;
      };
      const fail = (error: LockgateError): void => {
        if (!end()) return;
        reject(error);
        control?.abort(error);
      };
      const giveUp = (cause: string): void => {
        if (!isOver) fail(errorFrom({ phase, cause }, request.isWrite));
      };
      const onAbort = (): void => giveUp("ABORTED");

      if (context.signal?.aborted) return reject(errorFrom({ phase, cause: "ABORTED" }, request.isWrite));
      context.signal?.addEventListener("abort", onAbort, { once: true });
      const stopAlarm = clock.after(settings.timeoutMs, () => giveUp("TIMED_OUT"));

      const handler: Dispatcher.DispatchHandler = {
        onRequestStart: (controller) => {
          // Called just before the first byte is written. Given up meanwhile, or a second time: nothing may leave.
          if (isOver || phase !== "unsent") return controller.abort(new Error("given up"));
          control = controller;
          phase = "sent";
        },
        onResponseStart: (_controller, code, headers) => {
          status = code;
          retryAfter = single(headers["retry-after"]);
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => {
          if (end()) resolve({ status, text: textOf(chunks), retryAfterMs: waitOf(retryAfter, clock.now()) });
        },
        onResponseError: (_controller, error) => {
          const code = causeOf(error);
          if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE")
            return fail(new LockgateError("ERP_BAD_ANSWER", { reason: code }));
          giveUp(code);
        },
      };
      try {
        const own = { authorization: authorization(accessKey), traceparent: context.traceparent };
        const headers = { ...common, ...own, ...request.headers };
        pool.dispatch({ method: request.method, path: request.path, headers, body: request.body ?? null }, handler);
      } catch (error) {
        giveUp(causeOf(error));
      }
    });

  const sendAs = (system: string, request: NavRequest, context: CallContext): Promise<NavAnswer> =>
    underKey(
      (accessKey) =>
        calling({ system, operation: request.method, parent: context.traceparent, trouble }, (traceparent) =>
          exchange(request, accessKey, { ...context, traceparent }),
        ),
      ({ status }) => status === UNAUTHORISED,
    );

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= pool.close();
    return closing;
  };
  const countedAs = (system: string): Exchange => ({
    send: (request, context) => sendAs(system, request, context),
    countedAs,
    close,
  });
  return countedAs(settings.name);
}

/** An answer by which the ERP says that it cannot. A lock or a fault in what was asked is none. */
const trouble = ({ status }: NavAnswer): string | undefined =>
  [429, 502, 503, 504].includes(status) ? `HTTP_${status}` : undefined;

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

function textOf(chunks: readonly Buffer[]): string | undefined {
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  return isUtf8(bytes) ? bytes.toString("utf8").replace(/^\uFEFF/, "") : undefined;
}

/** `Retry-After` as seconds or as a date (RFC 9110 §10.2.3). */
function waitOf(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** The socket's or the client's code of a failure. Its message may quote what was received. */
function causeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" && /^[A-Z0-9_]{1,60}$/.test(code) ? code : "NO_ANSWER";
}
