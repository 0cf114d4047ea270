// What this browser remembers of the log, so that a log that is rewritten later is found out here.

const KEY = "lockgate.audit";

/** The log's key as whoever sits here was given it, and the last checkpoint that held. */
export type Pinned = { readonly verifier: string; readonly note?: string };

export function readPinned(): Pinned | undefined {
  const text = localStorage.getItem(KEY);
  return text ? (JSON.parse(text) as Pinned) : undefined;
}

export const pin = (pinned: Pinned): void => localStorage.setItem(KEY, JSON.stringify(pinned));
