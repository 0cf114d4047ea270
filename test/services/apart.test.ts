// "Never the same", on the engine: what a steward said holds for whoever the two live on as, and for nobody else.

import { describe, expect, test } from "vitest";
import { demographicsRig } from "./demographics-rig.ts";

const rig = demographicsRig();
const noon = Date.UTC(2026, 0, 1, 12);
const steward = { name: "anna", roles: ["steward"] };

const known = async (...mrns: string[]) => {
  for (const mrn of mrns)
    expect(await rig.ended(await rig.say({ mrn, at: noon, fields: { familyName: "QUILL", givenName: "ADA" } }))).toBe(
      "applied",
    );
};
const idOf = async (mrn: string): Promise<string> => (await rig.person(mrn))!.id;
const keepApart = async (one: string, other: string) =>
  rig.persons.keepApart({ personId: one, otherId: other, as: steward, comment: "two people" });

let minute = 0;
/** The question that a merge of two comes to. */
async function mergeAsked(survivor: string, retired: string) {
  minute += 1;
  const journey = await rig.merge(survivor, retired, noon + minute);
  return { journey, item: await rig.asked(journey) };
}

/** Merges two whom nobody keeps apart. @returns the link */
async function merged(survivor: string, retired: string): Promise<string> {
  const { journey, item } = await mergeAsked(survivor, retired);
  expect(item.reason).toBe("MG-500");
  await rig.decide(item, "approve");
  expect(await rig.ended(journey)).toBe("applied");
  const { links } = await rig.persons.history(await idOf(survivor));
  return links.findLast(({ kind }) => kind === "merged")!.id;
}

/** Why a merge of two would be asked about; it is refused. */
async function reasonToAsk(survivor: string, retired: string): Promise<string> {
  const { journey, item } = await mergeAsked(survivor, retired);
  await rig.decide(item, "refuse");
  expect(await rig.ended(journey)).toBe("refused");
  return item.reason;
}

async function unlinked(mrn: string, linkId: string): Promise<void> {
  const asked = { personId: await idOf(mrn), linkId, as: steward, comment: "two people" };
  const { journeyId } = await rig.persons.requestUnlink(asked);
  await rig.decide(await rig.asked(journeyId), "unlink");
  expect(await rig.ended(journeyId)).toBe("applied");
}

describe("two who are never the same", () => {
  test("stay so when one of them lives on as a third, whichever of the two and however the merge is put", async () => {
    await known("A1", "B1", "C1");
    await keepApart(await idOf("A1"), await idOf("B1"));
    await merged("C1", "B1");
    expect(await reasonToAsk("A1", "C1")).toBe("MT-212");
    expect(await reasonToAsk("C1", "A1")).toBe("MT-212");
    expect(await reasonToAsk("A1", "B1")).toBe("MT-212");
  });

  test("stay so when one of them takes in a third", async () => {
    await known("A2", "B2", "C2");
    await keepApart(await idOf("A2"), await idOf("B2"));
    await merged("B2", "C2");
    expect(await reasonToAsk("A2", "C2")).toBe("MT-212");
  });

  test("stay so when both live on as others, over several merges", async () => {
    await known("A3", "B3", "C3", "D3", "E3");
    await keepApart(await idOf("A3"), await idOf("B3"));
    await merged("C3", "A3");
    await merged("D3", "B3");
    await merged("E3", "D3");
    expect(await reasonToAsk("C3", "E3")).toBe("MT-212");
    expect(await reasonToAsk("E3", "C3")).toBe("MT-212");
  });

  test("stay so after the merge is taken back, and the third is free again", async () => {
    await known("A4", "B4", "C4");
    await keepApart(await idOf("A4"), await idOf("B4"));
    const link = await merged("C4", "B4");
    expect(await reasonToAsk("A4", "C4")).toBe("MT-212");
    await unlinked("C4", link);
    expect(await reasonToAsk("A4", "B4")).toBe("MT-212");
    expect(await reasonToAsk("A4", "C4")).toBe("MG-500");
  });

  test("are not said to be so while they live on as one, however they came to be", async () => {
    await known("A5", "B5", "C5", "D5");
    const [one, other] = [await idOf("A5"), await idOf("B5")];
    await merged("C5", "A5");
    await merged("C5", "B5");
    await merged("D5", "C5");
    for (const [from, to] of [
      [one, other],
      [await idOf("D5"), one],
      [other, await idOf("D5")],
    ] as const)
      await expect(keepApart(from, to)).rejects.toMatchObject({ code: "PERSON_LINKED" });
  });
});
