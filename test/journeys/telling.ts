// How tests of verification speak of people and read what became of it: short words over the platform rig.

import { expect } from "vitest";
import { journeyLeaves, type StoredLeaf } from "#engine/audit";
import type { Journey } from "#engine/monitor";
import type { Item } from "#engine/work";
import type { PersonInput } from "../../doubles/pds/index.ts";
import { until } from "../until.ts";
import { peek, testVault } from "../vault.ts";
import { type Adt, adt, type Spoken } from "./adt.ts";
import { faceOf } from "./faces.ts";
import { person, type Site } from "./platform-rig.ts";

/** A day ago: what an ERP user edits during a test is later than what was said. */
export const noon = Date.now() - 86_400_000;

/** A row of what a decider is shown. */
export type ShownRow = { readonly field: string; readonly current: unknown; readonly proposed: unknown };

/** What a decider is shown of a change. */
export type Shown = {
  readonly rows: readonly ShownRow[];
  readonly erpVersion: string | null;
  readonly pack: { readonly name: string; readonly version: string };
  readonly wentStale?: boolean;
};

/** The person of a number as ADT messages speak of them, as the national service knows them. */
export const nationally = (nhsNumber: string, more: Partial<PersonInput> = {}): PersonInput => ({
  nhsNumber,
  ...faceOf(nhsNumber),
  ...more,
});

/** Milestones as `name outcome`. */
export const milestonesOf = (journey: Journey): string[] =>
  journey.milestones.map(({ name, outcome }) => `${name} ${outcome}`);

/** Milestones of demographics and write-back alone: what happened to the person, without how it was organised. */
export const pathOf = (journey: Journey): string[] =>
  milestonesOf({ ...journey, milestones: journey.milestones.filter(({ name }) => !/^advanced|\./.test(name)) });

/** How the journey ended: `undefined` while it has not. */
export const endOf = (journey: Journey): string | undefined =>
  journey.state === "complete" ? journey.milestones.findLast(({ name }) => name === "completed")?.outcome : undefined;

/** The words of one site. */
export function tellingOf(site: Site) {
  const say = (message: Adt) => site.send(adt(message));
  const ended = async (key: string, withinMs?: number): Promise<string | undefined> =>
    endOf(await site.settled(key, withinMs));
  /** Says `spoken` as the update number `n` of the person, `n` seconds after noon. @returns the control id */
  const update = async (spoken: Spoken, n: number, event: Adt["event"] = "A31"): Promise<string> => {
    const controlId = `${spoken.mrn}-${n}`;
    expect((await say({ event, controlId, at: noon + n * 1_000, person: spoken })).code).toBe("AA");
    return controlId;
  };
  /** The one open question of a journey, as a decider sees it. */
  const question = async (key: string): Promise<Item & { readonly content: Shown }> => {
    const journey = await site.settled(key);
    expect(journey.state, "somebody is asked").toBe("waiting");
    const asked = await site.asked(key);
    expect(asked).toHaveLength(1);
    return (await site.show(asked[0]!.id, person("Reader"))) as Item & { readonly content: Shown };
  };
  return {
    say,
    update,
    ended,
    /** How the journey ended, once nobody is asked any more either. */
    async finished(key: string, withinMs = 15_000): Promise<string | undefined> {
      await until(async () => endOf(await site.journey(key)) !== undefined, withinMs);
      return endOf(await site.journey(key));
    },
    question,
    /** Makes a person whom NAV and we know from now on. */
    async register(spoken: Spoken): Promise<void> {
      expect(await ended(await update(spoken, 0, "A28"))).toBe("applied");
    },
    /** Approves as one approver and waits for the end. */
    async approve(key: string, name = "Anna"): Promise<string | undefined> {
      await site.decide(await question(key), "approve", person(name));
      return ended(key);
    },
    /** What changed in NAV of one field, in order, by us. */
    async written(mrn: string, field: string): Promise<unknown[]> {
      return (await site.nav.changesOf(mrn)).flatMap(({ changes }) => (changes[field] ? [changes[field].to] : []));
    },
    /** The saga instances of a journey. */
    async instances(key: string): Promise<{ id: string; saga: string; status: string }[]> {
      const { id } = await site.journey(key);
      return (
        await site.call<{ instances: { id: string; saga: string; status: string }[] }>(
          "GET",
          `/sagas/instances?journey=${id}`,
        )
      ).instances;
    },
    /** What is known of the person with that local identifier; that nobody is known, where a test expects it. */
    async known(mrn: string): Promise<Known> {
      const [row] = await site.db.query<Omit<Known, "fields" | "refused"> & { fields: Buffer; refused: Buffer }>({
        text: `select p.id, p.fields, p.restricted, p.refused, p.merged_into as "mergedInto"
          from demographics.person p join demographics.identifier i on i.person_id = p.id where i.key = $1`,
        values: [testVault.seek(`RXX:${mrn}`, "identifier")],
      });
      return row === undefined
        ? (row as never)
        : { ...row, fields: JSON.parse(peek(row.fields)), refused: JSON.parse(peek(row.refused)) };
    },
    leaves: async (key: string): Promise<StoredLeaf[]> => journeyLeaves(site.db, (await site.journey(key)).id),
  };
}

/** A person as the store holds one. */
export type Known = {
  readonly id: string;
  readonly fields: Readonly<Record<string, { readonly value: unknown; readonly verified?: boolean }>>;
  readonly restricted: boolean;
  readonly refused: Readonly<Record<string, unknown>>;
  readonly mergedInto: string | null;
};

/** The words of a site. */
export type Telling = ReturnType<typeof tellingOf>;
