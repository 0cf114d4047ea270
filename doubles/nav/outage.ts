// The service going away and coming back: connections reset, then 503, then 401 until the accounts are loaded.

import type { Reply } from "./odata/reply.ts";

/** What a restarting service does with a request; undefined when it runs. */
type OutagePhase = "reset" | "unavailable" | "unauthorized" | undefined;

/** A restart of the service. */
export interface Restart {
  /** Goes away for some milliseconds: half of them reset, a quarter 503, a quarter 401. */
  begin(durationMs: number): void;
  end(): void;
  now(): OutagePhase;
}

/** A service that runs. */
export function createRestart(nowMs: () => number): Restart {
  let fromMs = 0;
  let lengthMs = 0;
  return {
    begin: (durationMs) => {
      fromMs = nowMs();
      lengthMs = durationMs;
    },
    end: () => {
      lengthMs = 0;
    },
    now: () => {
      if (lengthMs === 0) return undefined;
      const part = (nowMs() - fromMs) / lengthMs;
      if (part >= 1) lengthMs = 0;
      return part < 0.5 ? "reset" : part < 0.75 ? "unavailable" : part < 1 ? "unauthorized" : undefined;
    },
  };
}

const titles: Record<number, string> = {
  401: "Unauthorized",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** The HTML page a web server or gateway in front of the ERP answers with. */
export function htmlReply(status: number, headers: Record<string, string> = {}): Reply {
  const title = titles[status] ?? "Error";
  const body = `<!DOCTYPE html><html><head><title>${status} ${title}</title></head><body><h2>${title}</h2><hr><p>HTTP Error ${status}.</p></body></html>\r\n`;
  return { status, headers: { "content-type": "text/html; charset=us-ascii", ...headers }, body };
}
