// What a person approved is written once, exactly as it was shown and to exactly the record it was shown of, or asked again.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultInput } from "../../doubles/nav/index.ts";
import { until } from "../until.ts";
import { testNhsNumber } from "./adt.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { nationally, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());
afterEach(() => site.nav.faults());
afterEach(() => site.nav.switches({ mandatoryFields: [] }));

const steward = person("Stella", "steward");
const anna = person("Anna");

/** A registered person whose new name the national service agrees with; the new name waits for an approver. */
async function renaming(mrn: string, serial: number): Promise<string> {
  const nhsNumber = testNhsNumber(serial);
  await site.pds.know(nationally(nhsNumber, { familyName: "Brookside" }));
  await t.register({ mrn, nhsNumber, addressLine1: "1 Row", phone: "01632960721" });
  return t.update({ mrn, nhsNumber, familyName: "Brookside" }, 1);
}

const edit = async (mrn: string, values: Readonly<Record<string, string>>) =>
  site.nav.edit({ number: (await site.nav.patientsBy(mrn))[0]!.number!, ...values });

/** Once `item` is answered and asked again. */
async function askedAgain(key: string, item: { readonly id: string }) {
  await until(async () => (await site.asked(key)).some(({ id }) => id !== item.id));
  return t.question(key);
}

describe("several people at one question", () => {
  it("takes one decision of two made at the same moment, and writes once", async () => {
    for (let round = 0; round < 5; round += 1) {
      const mrn = `RA${round}`;
      const key = await renaming(mrn, 4_000 + round * 10);
      const item = await t.question(key);
      const decided = await Promise.allSettled([
        site.decide(item, "approve", anna),
        site.decide(item, "approve", person("Ben")),
      ]);
      expect(decided.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      expect(decided.find(({ status }) => status === "rejected")).toMatchObject({ reason: { message: "WORK_STATE" } });
      expect(await t.ended(key)).toBe("applied");
      expect(await t.written(mrn, "lastName")).toEqual(["Ashdown", "Brookside"]);
      expect((await t.leaves(key)).filter(({ name }) => name === "work.decided")).toHaveLength(1);
    }
  });

  it("takes an approval or a refusal made at the same moment, and does what was taken", async () => {
    const key = await renaming("RB1", 4_060);
    const item = await t.question(key);
    const decided = await Promise.allSettled([
      site.decide(item, "approve", anna),
      site.decide(item, "refuse", person("Ben")),
    ]);
    const isApproved = decided[0]?.status === "fulfilled";
    expect(decided[1]?.status).toBe(isApproved ? "rejected" : "fulfilled");
    expect(await t.ended(key)).toBe(isApproved ? "applied" : "refused");
    expect(await site.nav.patientsBy("RB1")).toMatchObject([{ lastName: isApproved ? "Brookside" : "Ashdown" }]);
  });
});

describe("an approval that went stale", () => {
  it.each([
    ["another field", "ST1", 4_100, { phoneNumber: "01632 960799" }],
    ["the very field", "ST2", 4_110, { lastName: "Usershand" }],
  ] as const)("is asked again with what NAV holds now after a user edited %s", async (_, mrn, serial, values) => {
    const key = await renaming(mrn, serial);
    const item = await t.question(key);
    await edit(mrn, values);
    const [edited] = await site.nav.patientsBy(mrn);
    await site.decide(item, "approve", anna);
    const again = await askedAgain(key, item);
    expect(again.content).toMatchObject({
      wentStale: true,
      rows: [{ field: "familyName", current: edited!.lastName, proposed: "Brookside" }],
    });
    expect(again.content.erpVersion).not.toBe(item.content.erpVersion);
    expect(await site.nav.patientsBy(mrn)).toMatchObject([{ lastName: edited!.lastName! }]);
    await expect(site.decide({ ...again, digest: item.digest }, "approve", anna)).rejects.toThrow("WORK_STALE");
    await expect(site.decide(item, "approve", person("Ben"))).rejects.toThrow("WORK_STATE");
    await site.decide(again, "approve", anna);
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy(mrn)).toMatchObject([{ lastName: "Brookside", ...pick(values, "phoneNumber") }]);
  });

  it("is taken over by a newer message with other values, and the old question can no longer be answered", async () => {
    const key = await renaming("ST3", 4_120);
    const item = await t.question(key);
    await site.pds.know(nationally(testNhsNumber(4_120), { familyName: "Marshside" }));
    const newer = await t.update({ mrn: "ST3", nhsNumber: testNhsNumber(4_120), familyName: "Marshside" }, 2);
    const again = await t.question(newer);
    expect(again.content.rows).toMatchObject([{ field: "familyName", current: "Ashdown", proposed: "Marshside" }]);
    expect(await t.ended(key)).toBe("superseded");
    await expect(site.decide(item, "approve", person("Ben"))).rejects.toThrow("WORK_STATE");
    await expect(site.decide({ ...again, digest: item.digest }, "approve", anna)).rejects.toThrow("WORK_STALE");
    await site.decide(again, "approve", anna);
    expect(await t.ended(newer)).toBe("applied");
    expect(await t.written("ST3", "lastName")).toEqual(["Ashdown", "Marshside"]);
  });

  it("is asked again when another user is quicker by a moment at the write itself", async () => {
    const key = await renaming("ST4", 4_130);
    const item = await t.question(key);
    await site.nav.faults({ kind: "staleEtag", times: 1, match: { method: "PATCH" } });
    await site.decide(item, "approve", anna);
    const again = await askedAgain(key, item);
    expect(again.content.wentStale).toBe(true);
    expect(await site.nav.patientsBy("ST4")).toMatchObject([{ lastName: "Ashdown" }]);
    await site.decide(again, "approve", anna);
    expect(await t.ended(key)).toBe("applied");
    expect(await t.written("ST4", "lastName")).toEqual(["Ashdown", "Brookside"]);
  });
});

describe("a user of NAV who edits between the comparison and the write", () => {
  /** Sends a new address and edits while its write is on the way. */
  async function editedMeanwhile(mrn: string, values: Readonly<Record<string, string>>): Promise<string> {
    await t.register({ mrn, addressLine1: "1 Row" });
    await site.nav.faults({ kind: "slow", ms: 500, times: 1, match: { method: "PATCH" } });
    const key = await t.update({ mrn, addressLine1: "2 Row" }, 1);
    await until(async () => (await site.nav.fired())[0]?.fired === 1);
    await edit(mrn, values);
    return key;
  }

  it("keeps the field that both changed until a steward has decided", async () => {
    const key = await editedMeanwhile("UE1", { addressLine1: "7 User Row" });
    const item = await t.question(key);
    expect(item).toMatchObject({ queue: "demographics-steward" });
    expect(item.content.rows).toMatchObject([{ field: "addressLine1", current: "7 User Row", proposed: "2 Row" }]);
    expect(await site.nav.patientsBy("UE1")).toMatchObject([{ addressLine1: "7 User Row" }]);
    await site.decide(item, "refuse", steward);
    expect(await t.ended(key)).toBe("refused");
    expect(await site.nav.patientsBy("UE1")).toMatchObject([{ addressLine1: "7 User Row" }]);
  });

  it("has both edits kept where they are of different fields", async () => {
    const key = await editedMeanwhile("UE2", { phoneNumber: "01632 960798" });
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy("UE2")).toMatchObject([{ addressLine1: "2 Row", phoneNumber: "01632 960798" }]);
  });
});

describe("NAV in trouble with an approved change", () => {
  const faults: readonly [name: string, mrn: string, serial: number, faults: readonly FaultInput[]][] = [
    ["commits and drops the connection", "NT1", 4_200, [{ kind: "commitThenDrop", times: 1 }]],
    ["commits and answers with an error", "NT2", 4_210, [{ kind: "commitThenError", times: 1 }]],
    ["drops the connection before it commits", "NT3", 4_220, [{ kind: "dropBeforeCommit", times: 1 }]],
    [
      "locks the table and answers with a page",
      "NT4",
      4_230,
      [
        { kind: "lock", times: 1 },
        { kind: "html", times: 1 },
      ],
    ],
  ];
  it.each(faults)("has it written once when NAV %s", async (_, mrn, serial, inForce) => {
    const key = await renaming(mrn, serial);
    const item = await t.question(key);
    await site.nav.faults(...inForce);
    await site.decide(item, "approve", anna);
    expect(await t.ended(key, 20_000)).toBe("applied");
    expect(await t.written(mrn, "lastName")).toEqual(["Ashdown", "Brookside"]);
  });

  it("asks a steward when NAV refuses the approved value, and writes it once NAV takes it", async () => {
    const key = await renaming("NR1", 4_240);
    const item = await t.question(key);
    await site.nav.switches({ mandatoryFields: ["email"] });
    await site.decide(item, "approve", anna);
    const repair = await askedAgain(key, item);
    expect(repair).toMatchObject({ queue: "demographics-steward", criticality: "high" });
    expect(repair.actions.map(({ name }) => name)).toEqual(["retry", "close"]);
    expect(await site.nav.patientsBy("NR1")).toMatchObject([{ lastName: "Ashdown" }]);
    await site.nav.switches({ mandatoryFields: [] });
    await site.decide(repair, "retry", steward);
    // What was approved was not written: nothing says that it still may be.
    await site.decide(await askedAgain(key, repair), "approve", anna);
    expect(await t.ended(key)).toBe("applied");
    expect(await t.written("NR1", "lastName")).toEqual(["Ashdown", "Brookside"]);
  });

  it("leaves NAV and the person as they were when a steward closes what NAV refused", async () => {
    const key = await renaming("NR2", 4_250);
    const item = await t.question(key);
    await site.nav.switches({ mandatoryFields: ["email"] });
    await site.decide(item, "approve", anna);
    await site.decide(await askedAgain(key, item), "close", steward);
    expect(await t.ended(key)).toBe("refused");
    expect(await site.nav.patientsBy("NR2")).toMatchObject([{ lastName: "Ashdown" }]);
    expect((await t.known("NR2")).fields).toMatchObject({ familyName: { value: "Ashdown" } });
  });
});

function pick(values: Readonly<Record<string, string>>, field: string): Readonly<Record<string, string>> {
  const value = values[field];
  return value === undefined ? {} : { [field]: value };
}
