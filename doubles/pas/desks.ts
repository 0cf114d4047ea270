// What the story does beside talking: tells the national double of people, and slows the ERP's double down.

import { lately } from "./message.ts";
import type { Patient } from "./people.ts";
import type { National, Scene } from "./story.ts";

/** Where the other doubles are; without one its part of the story is left out. */
export type Others = { readonly nav?: string | undefined; readonly pds?: string | undefined };

const genders = { F: "female", M: "male" } as const;

async function ask(url: string, method: string, body?: unknown): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return answer.json();
}

const entryOf = ({ patient, isRestricted, isDead }: National): object => {
  const { nhsNumber, familyName, givenName, birthDate, gender, home, phone }: Patient = patient;
  return {
    ...{ nhsNumber, familyName, givenName, birthDate, phone },
    gender: genders[gender],
    addressLines: [home.line1, home.town],
    postcode: home.postcode,
    ...(isRestricted ? { restricted: true } : {}),
    ...(isDead ? { deceased: { on: lately(Date.now()), status: "formal" } } : {}),
  };
};

/** Opens the ways to the other doubles. */
export function openDesks({ nav, pds }: Others) {
  let quickens: NodeJS.Timeout | undefined;
  const faults = `${nav}/admin/faults`;
  const quicken = async (): Promise<void> => {
    clearTimeout(quickens);
    quickens = undefined;
    await ask(faults, "PUT", []).catch(() => undefined);
  };
  return {
    async know(national: National): Promise<void> {
      if (pds) await ask(`${pds}/admin/patients`, "PUT", entryOf(national));
    },
    async slow({ delayMs, forMs }: NonNullable<Scene["slowErp"]>): Promise<void> {
      // Faults that somebody else has put in force are theirs to take away.
      if (!nav || ((await ask(faults, "GET")) as unknown[]).length > 0) return;
      await ask(faults, "PUT", [{ kind: "slow", ms: delayMs, times: 1_000_000 }]);
      quickens = setTimeout(() => void quicken(), forMs);
    },
    /** Leaves the ERP as quick as it was. */
    async close(): Promise<void> {
      if (quickens) await quicken();
    },
  };
}
