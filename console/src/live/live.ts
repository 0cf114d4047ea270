// News: one stream for all tabs of a browser; what it says has changed is asked for again.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";

/** Which answers tell of a kind of things. A search is recorded, so none is made again by itself. */
const queriesOf: Readonly<Record<string, readonly string[]>> = {
  flows: ["operations", "series"],
  work: ["work", "operations"],
  "dead-letters": ["dead-letters", "operations"],
  replays: ["replays", "replay"],
  channels: ["channels", "channel", "operations"],
  rules: ["rules"],
};
const EVERYTHING = Object.keys(queriesOf);

/** However much happens, a page asks again no more often than this. */
const ASK_EVERY_MS = 3_000;
/** After a refusal a browser gives its stream up: it is opened anew after a while, and later each time. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 120_000;
const CHANNEL = "lockgate-live";

type News = { readonly kinds: readonly string[] } | { readonly isOpen: boolean };

let isLive = false;
/** This page has been told something: a stream that is opened from now on may have missed what came before it. */
let hasHeard = false;
const watchers = new Set<() => void>();
const setLive = (open: boolean): void => {
  if (isLive === open) return;
  isLive = open;
  for (const watcher of watchers) watcher();
};
const watch = (watcher: () => void) => {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
};

/** Whether news come in as they happen; else pages ask now and then. */
export const useIsLive = (): boolean => useSyncExternalStore(watch, () => isLive);

/** Reads the stream until the signal aborts. */
function read(tell: (news: News) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // The lock may be given in the very moment in which nobody wants it any more.
    if (signal.aborted) return resolve();
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pauseMs = FIRST_PAUSE_MS;
    const open = () => {
      source = new EventSource("/ops/v1/events");
      source.onopen = () => {
        pauseMs = FIRST_PAUSE_MS;
        if (hasHeard) tell({ kinds: EVERYTHING });
        tell({ isOpen: true });
      };
      source.addEventListener("changed", ({ data }) => tell(JSON.parse(data as string) as News));
      source.onerror = () => {
        tell({ isOpen: false });
        // While it connects again by itself it says where it was, and is told the rest.
        if (source?.readyState !== EventSource.CLOSED) return;
        timer = setTimeout(open, pauseMs);
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      };
    };
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      source?.close();
      resolve();
    });
    open();
  });
}

/** Keeps what is shown up to date for as long as the page is there. One tab reads the stream and tells the others. */
export function useLive(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const leaving = new AbortController();
    const due = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      timer = undefined;
      for (const key of due) void queries.invalidateQueries({ queryKey: [key] });
      due.clear();
    };
    const hear = (news: News) => {
      hasHeard = true;
      if ("isOpen" in news) return setLive(news.isOpen);
      setLive(true);
      for (const kind of news.kinds) for (const key of queriesOf[kind] ?? []) due.add(key);
      if (due.size > 0) timer ??= setTimeout(ask, ASK_EVERY_MS);
    };
    const others = new BroadcastChannel(CHANNEL);
    others.onmessage = ({ data }) => hear(data as News);
    const tell = (news: News) => {
      hear(news);
      others.postMessage(news);
    };
    const { signal } = leaving;
    // Whoever holds the lock reads; when that tab is closed, the next one goes on.
    navigator.locks.request(CHANNEL, { signal }, () => read(tell, signal)).catch(() => undefined);
    return () => {
      leaving.abort();
      clearTimeout(timer);
      others.close();
      setLive(false);
    };
  }, [queries]);
}
