// What a story at the console is told with: a site of its own, and what the hospital says of its patients there.

import { afterAll, afterEach, beforeAll } from "vitest";
import { type Spoken, testNhsNumber } from "../journeys/adt.ts";
import type { NavRecord } from "../journeys/platform-rig.ts";
import { nationally } from "../journeys/telling.ts";
import { until } from "../until.ts";
import type { Seat } from "./chromium.ts";
import { type SeatedSite, START_MS, startSeatedSite } from "./seated-site.ts";

const A_DAY_AGO = Date.now() - 86_400_000;

/** Opens a site for the tests of a group; after each, every window is closed, and nothing may have gone wrong in it. */
export function openStory() {
  let site: SeatedSite;
  beforeAll(async () => {
    site = await startSeatedSite();
  }, START_MS);
  afterAll(() => site?.close(), START_MS);
  afterEach(async () => {
    await site.nav.faults();
    await site.leaveAll();
  });

  const say = (event: "A28" | "A31", person: Spoken, nth: number): Promise<string> =>
    site.say({ event, controlId: `${person.mrn}-${nth}`, at: A_DAY_AGO + nth * 1_000, person });
  const record = async (mrn: string): Promise<NavRecord | undefined> => (await site.nav.patientsBy(mrn))[0];
  return {
    at: (): SeatedSite => site,
    sit: (name: string): Promise<Seat> => site.sit(name),
    say,
    record,
    /** Somebody whom NAV and the national service know. */
    async register(mrn: string, serial: number): Promise<Spoken & { readonly nhsNumber: string }> {
      const person = { mrn, nhsNumber: testNhsNumber(serial), addressLine1: "1 Lock Row", gender: "F" };
      await site.pds.know(nationally(person.nhsNumber, { gender: "female" }));
      if ((await say("A28", person, 0)) !== "AA") throw new Error("the hospital was not understood");
      await until(async () => (await record(mrn)) !== undefined, 30_000);
      return person;
    },
  };
}
