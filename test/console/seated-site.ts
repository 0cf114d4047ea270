// A site with a browser before it, and the seats at which people look at it.

import { until } from "../until.ts";
import { openChromium, openSeat, type Seat, signIn, type Window } from "./chromium.ts";
import { startConsoleSite } from "./console-site.ts";

/** How long a site may take to be there. */
export const START_MS = 180_000;

/** A site with a browser before it. */
export type SeatedSite = Awaited<ReturnType<typeof startSeatedSite>>;

/** Starts one. @param messageEveryMs how often the demo's hospital speaks; 0: never */
export async function startSeatedSite(messageEveryMs = 0) {
  const browser = await openChromium();
  const site = await startConsoleSite(messageEveryMs);
  const seats: Seat[] = [];
  const take = async (window: Window = {}): Promise<Seat> => {
    const seat = await openSeat(browser, window);
    seats.push(seat);
    return seat;
  };
  return {
    ...site,
    /** A window in which nobody is signed in. */
    take,
    async sit(name: string, window: Window = {}): Promise<Seat> {
      const seat = await take(window);
      await signIn(seat, site.http, name);
      return seat;
    },
    /** Asserts that nothing went wrong in any window, and closes them. */
    async leaveAll(): Promise<void> {
      for (const seat of seats.splice(0)) await seat.leave();
    },
    async close(): Promise<void> {
      await browser.close();
      await site.close();
    },
  };
}

/** The demo whose hospital talks, once the opening of its story is over. */
export async function startTalkingDemo(): Promise<SeatedSite> {
  const site = await startSeatedSite(2_000);
  await until(async () => (await site.nav.patients()).filter(({ mrn }) => mrn?.startsWith("RX50")).length > 12, 60_000);
  return site;
}
