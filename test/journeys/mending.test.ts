// A dead letter mended: one person proposes, another agrees, and the update arrives; nothing of the original changes.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Parked, Replay } from "#engine/backbone";
import type { Resubmission } from "#engine/resubmissions";
import { type Role, roles } from "../../src/gateway/policy/roles.ts";
import { until } from "../until.ts";
import { peekAll } from "../vault.ts";
import { adt, testNhsNumber } from "./adt.ts";
import { idOf, person, type Site, startSite } from "./platform-rig.ts";
import { nationally, noon, type Telling, tellingOf } from "./telling.ts";

const BROKEN = "19791402";
const mender = person("mia", "operator");
const second = person("ivan", "integration-engineer");
const third = person("olga", "operator");
const REASON = { "access-reason": "mending a broken field" };

let site: Site;
let telling: Telling;
beforeAll(async () => {
  site = await startSite();
  telling = tellingOf(site);
});
afterAll(() => site.close());

/** A person whom everybody knows, and an update of theirs that stopped at its birth date. */
async function stopped(mrn: string, serial: number) {
  const spoken = { mrn, nhsNumber: testNhsNumber(serial), addressLine1: "1 Old Row" };
  await site.pds.know(nationally(spoken.nhsNumber));
  await telling.register(spoken);
  const update = { ...spoken, addressLine1: "2 New Row" };
  const message = (birthDate?: string) =>
    adt({
      event: "A31",
      controlId: `${mrn}-1`,
      at: noon + 1_000,
      person: { ...update, ...(birthDate ? { birthDate } : {}) },
    });
  expect((await site.send(message(BROKEN))).code).toBe("AE");
  expect((await site.settled(`${mrn}-1`)).state).toBe("waiting");
  const letter = await site.deadLetterOf(`${mrn}-1`);
  return { letter, key: `${mrn}-1`, mrn, nhsNumber: spoken.nhsNumber, mended: message().toString() };
}

const at = ({ subscription, position }: Parked) => `/dead-letters/${subscription}/${position}`;
const look = (letter: Parked, as = mender) =>
  site.call<{ body: string; withheld?: string }>("GET", at(letter), undefined, as, REASON);
const textOf = (base64: string) => Buffer.from(base64, "base64").toString();
const propose = (letter: Parked, text: string, as = mender) =>
  site.call<Resubmission>("POST", `${at(letter)}/resubmission`, { text, comment: "as the ward has it" }, as);
const itemOf = async ({ itemId }: Resubmission) => {
  const { items } = await site.call<{ items: { id: string; digest: string; state: string }[] }>("POST", "/work/list", {
    id: itemId,
  });
  return items[0]!;
};
const decide = async (proposal: Resubmission, action: string, as = second) =>
  site.decide(await itemOf(proposal), action, as);
const reread = ({ id }: Resubmission) => site.call<Resubmission>("GET", `/resubmissions/${id}`);
const received = async () =>
  (await site.db.query<{ count: number }>("select count(*)::int as count from channels.intake"))[0]!.count;
const bytesOf = async ({ subscription, position }: Parked) => {
  const [row] = await site.db.query<{ row: string }>({
    text: "select encode(body, 'hex') as row from backbone.parked where subscription = $1 and position = $2",
    values: [subscription, position],
  });
  return row?.row;
};
const leavesOf = async (journeyId: string, area: RegExp) =>
  (
    await site.db.query<{ body: string }>({
      text: "select body from audit.leaf where journey_id = $1 order by position",
      values: [journeyId],
    })
  )
    .map(({ body }) => JSON.parse(body) as { name: string; outcome: string; actor?: string })
    .filter(({ name }) => area.test(name))
    .map(({ name, outcome, actor }) => `${name} ${outcome} ${actor ?? ""}`.trim());

describe("a dead letter", () => {
  it("is mended by one, approved by another, and arrives in NAV as a message of its own", async () => {
    const { letter, key, mrn, mended } = await stopped("MD1", 310_000);
    const before = await bytesOf(letter);
    const { body, withheld } = await look(letter);
    expect(withheld).toBeUndefined();
    expect(textOf(body)).toContain(BROKEN);
    const proposal = await propose(letter, mended.replaceAll("\r", "\n"));
    expect(proposal).toMatchObject({
      state: "proposed",
      fields: ["PID-7"],
      proposedBy: idOf(mender),
    });
    await expect(decide(proposal, "approve", mender)).rejects.toThrow("ACCESS_REFUSED");
    await expect(decide(proposal, "approve", person("ann", "approver"))).rejects.toThrow("ACCESS_REFUSED");
    const shown = await site.show(proposal.itemId, second);
    expect(shown.content).toMatchObject({ kind: "resubmission", fields: ["PID-7"], comment: "as the ward has it" });
    const both = await site.call<{ body: string; proposed: string }>(
      "GET",
      `/resubmissions/${proposal.id}/content`,
      undefined,
      second,
      REASON,
    );
    expect([textOf(both.body), textOf(both.proposed)]).toEqual([expect.stringContaining(BROKEN), mended]);
    expect((await decide(proposal, "approve")).state).toBe("decided");

    const taken = await reread(proposal);
    expect(taken).toMatchObject({ state: "taken-in", decidedBy: idOf(second) });
    await until(async () => (await site.nav.patientsBy(mrn))[0]?.addressLine1 === "2 New Row");
    const [original, anew] = [await site.settled(key), await site.settled(taken.newJourneyId!)];
    expect(original).toMatchObject({ state: "complete", resubmittedAs: anew.id });
    expect(anew).toMatchObject({ state: "complete", resubmissionOf: original.id });
    expect(original.id).not.toBe(anew.id);
    await until(async () => (await bytesOf(letter)) === before);
    expect((await site.deadLetters()).map(({ journeyId }) => journeyId)).not.toContain(original.id);
    expect(await leavesOf(original.id, /^(resubmission|dead-letter|work\.(opened|chosen|decided))/)).toEqual([
      `resubmission.proposed waiting ${idOf(mender)}`,
      "work.opened waiting",
      `dead-letter.resubmitted ok ${idOf(second)}`,
      `resubmission.taken-in ok ${idOf(second)}`,
      `work.chosen ok ${idOf(second)}`,
      `work.decided ok ${idOf(second)}`,
    ]);
    expect(await leavesOf(anew.id, /^received/)).toEqual([`received ok ${idOf(second)}`]);
    expect(await site.verifyAudit()).toMatchObject({ intact: true, faults: [] });
  });

  it("stays as it is where the second person refuses, and may be mended again", async () => {
    const { letter, mended, mrn } = await stopped("MD2", 310_010);
    const proposal = await propose(letter, mended);
    await expect(propose(letter, mended, third)).rejects.toThrow("RESUBMISSION_PENDING");
    const before = await received();
    await decide(proposal, "refuse");
    expect(await reread(proposal)).toMatchObject({ state: "refused", newJourneyId: null, decidedBy: idOf(second) });
    expect(await site.deadLetterOf(`${mrn}-1`)).toMatchObject({ state: "dead", position: letter.position });
    expect(await received()).toBe(before);
    expect((await propose(letter, mended, third)).state).toBe("proposed");
  });

  it.each([
    ["replayed", "MD3", 310_020],
    ["dismissed", "MD4", 310_030],
  ])("that is %s takes its proposal and the work item back at once, and says why", async (reason, mrn, serial) => {
    const { letter, mended } = await stopped(mrn, serial);
    const proposal = await propose(letter, mended);
    const before = await received();
    await (reason === "dismissed" ? site.dismiss(letter) : site.replay(letter));
    expect(await reread(proposal)).toMatchObject({ state: "withdrawn", newJourneyId: null, decidedBy: null });
    const { state, history } = await site.show(proposal.itemId, second);
    expect([state, history.at(-1)]).toMatchObject(["withdrawn", { deed: "withdrawn", comment: reason }]);
    await expect(decide(proposal, "approve")).rejects.toThrow("WORK_STATE");
    expect(await received()).toBe(before);
    expect(await leavesOf(proposal.journeyId, /^(resubmission|work\.withdrawn)/)).toEqual([
      `resubmission.proposed waiting ${idOf(mender)}`,
      "work.withdrawn withdrawn",
      "resubmission.withdrawn withdrawn",
    ]);
  });

  it("that is replayed by a job takes its proposal back too, and what stops again may be mended anew", async () => {
    const { letter, mended, mrn } = await stopped("MD5", 310_040);
    const kept = await stopped("MD6", 310_050);
    const [proposal, other] = [await propose(letter, mended), await propose(kept.letter, kept.mended)];
    const { subscription, position } = letter;
    const { replay } = await site.call<{ replay: Replay }>("POST", "/replays", {
      filter: { ids: [{ subscription, position }] },
    });
    await site.call("POST", `/replays/${replay.id}/start`, { digest: replay.digest, perSecond: 100, reason: "again" });
    await until(async () => (await reread(proposal)).state === "withdrawn");
    expect((await itemOf(proposal)).state).toBe("withdrawn");
    await until(async () => (await site.deadLetterOf(`${mrn}-1`))?.state === "dead");
    expect((await propose(letter, mended)).state).toBe("proposed");
    expect([(await reread(other)).state, (await itemOf(other)).state]).toEqual(["proposed", "open"]);
  });

  it("is taken in once where two approve at one moment, and where one of them replays it", async () => {
    for (const round of [0, 1, 2, 3]) {
      const { letter, mended } = await stopped(`MR${round}`, 311_000 + 10 * round);
      const proposal = await propose(letter, mended);
      const item = await itemOf(proposal);
      const before = await received();
      const rival = round % 2 === 0 ? site.decide(item, "approve", third) : site.replay(letter);
      const ends = await Promise.allSettled([site.decide(item, "approve", second), rival]);
      const won = ends.filter(({ status }) => status === "fulfilled");
      const told = ends.flatMap((end) => (end.status === "rejected" ? [(end.reason as Error).message] : []));
      expect(won).toHaveLength(1);
      expect(["WORK_STATE", "WORK_OVERTAKEN", "DEAD_LETTER_UNKNOWN"]).toContain(told[0]);
      const isTaken = (await reread(proposal)).state === "taken-in";
      expect(await received()).toBe(before + (isTaken ? 1 : 0));
    }
  });

  it("is untouched by an approval that dies on its way, and taken in once by the next", async () => {
    const { letter, mended, mrn } = await stopped("MK1", 312_000);
    const proposal = await propose(letter, mended);
    const before = await received();
    // The approval comes as far as the letter and waits there; then its connection is cut, as a kill of the node cuts it.
    const holder = site.db.transaction(async (tx) => {
      await tx.query({
        text: "select from backbone.parked where subscription = $1 and position = $2 for update",
        values: [letter.subscription, letter.position],
      });
      const dying = decide(proposal, "approve").catch((thrown: Error) => thrown.message);
      await until(async () => {
        const cut = await site.db.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock' and query like 'update backbone.parked%'`,
        );
        return cut.length === 1;
      });
      return dying;
    });
    expect(await holder).toBe("DATABASE_UNAVAILABLE");
    expect([await received(), (await reread(proposal)).state]).toEqual([before, "proposed"]);
    expect(await site.deadLetterOf(`${mrn}-1`)).toMatchObject({ state: "dead" });
    await decide(proposal, "approve");
    expect([await received(), (await reread(proposal)).state]).toEqual([before + 1, "taken-in"]);
    await expect(decide(proposal, "approve", third)).rejects.toThrow("WORK_STATE");
  });

  it("is refused at once, by code and path and without a value, where the mended message does not hold up either", async () => {
    const { letter, mended } = await stopped("MV1", 312_010);
    const answer = await fetch(`${site.http}/ops/v1${at(letter)}/resubmission`, {
      method: "POST",
      headers: { ...(await site.headersOf(mender)), "content-type": "application/json" },
      body: JSON.stringify({ text: mended.replace(/\|\|(\d{8})\|/, "||19801503|"), comment: "a try" }),
    });
    const problem = await answer.text();
    expect([answer.status, JSON.parse(problem)]).toMatchObject([
      422,
      { code: "HL7_BAD_VALUE", detail: expect.stringContaining("PID-7") },
    ]);
    expect(problem).not.toContain("19801503");
    await expect(propose({ ...letter, position: 999_999_999 }, mended)).rejects.toThrow("DEAD_LETTER_UNKNOWN");
  });

  it("is mended without seeing where a restricted person is, and what is hidden stays what it was", async () => {
    const { letter, mended, nhsNumber, mrn } = await stopped("MH1", 312_020);
    await site.pds.know(nationally(nhsNumber, { restricted: true }));
    await telling.update({ mrn, nhsNumber, familyName: "Renamed" }, 2);
    await until(async () => (await look(letter)).withheld === "whereabouts");
    const text = textOf((await look(letter)).body);
    expect(text).not.toContain("2 New Row");
    const proposal = await propose(letter, text.replace(BROKEN, /\|\|(\d{8})\|/.exec(mended)![1]!));
    expect(proposal.fields).toEqual(["PID-7"]);
    const both = await site.call<{ body: string; proposed: string; withheld: string }>(
      "GET",
      `/resubmissions/${proposal.id}/content`,
      undefined,
      second,
      REASON,
    );
    expect(both.withheld).toBe("whereabouts");
    expect(textOf(both.body) + textOf(both.proposed)).not.toContain("New Row");
    const [row] = await site.db.query<{ row: string }>(
      "select p::text as row from resubmission.proposal p order by proposed_at desc limit 1",
    );
    expect(row!.row).not.toContain("New Row");
    expect(peekAll(row!.row)).toContain("2 New Row");
    // Whoever is named in the new message does not open what was taken over from the old one.
    await decide(proposal, "approve");
    const { newJourneyId } = await reread(proposal);
    const seen = await site.call<{ body: string; withheld?: string }>(
      "GET",
      `/messages/${newJourneyId}/content`,
      undefined,
      mender,
      REASON,
    );
    expect(seen.withheld).toBe("whereabouts");
  });
});

it("a message that was taken over from somebody restricted opens to nobody by naming somebody else", async () => {
  const [hidden, open] = [await stopped("MS1", 312_040), await stopped("MS2", 312_050)];
  await site.pds.know(nationally(hidden.nhsNumber, { restricted: true }));
  await telling.update({ mrn: "MS1", nhsNumber: hidden.nhsNumber, familyName: "Renamed" }, 2);
  await until(async () => (await look(hidden.letter)).withheld === "whereabouts");
  expect((await look(open.letter)).withheld).toBeUndefined();
  const text = textOf((await look(hidden.letter)).body);
  const other = text.replaceAll("MS1", "MS2").replaceAll(hidden.nhsNumber, open.nhsNumber);
  const named = /\|\|([^|]+)\|\|(\d{8})\|/.exec(open.mended)!;
  const proposal = await propose(
    hidden.letter,
    other.replace(/\|\|([^|]+)\|\|\d{8}\|/, () => named[0]),
  );
  const both = await site.call<{ withheld?: string }>(
    "GET",
    `/resubmissions/${proposal.id}/content`,
    undefined,
    second,
    REASON,
  );
  expect(both.withheld).toBe("whereabouts");
  await decide(proposal, "approve");
  const { newJourneyId } = await reread(proposal);
  const seen = await site.call<{ body: string; withheld?: string }>(
    "GET",
    `/messages/${newJourneyId}/content`,
    undefined,
    mender,
    REASON,
  );
  expect(seen.withheld).toBe("whereabouts");
  expect(textOf(seen.body)).not.toContain("New Row");
});

describe("who may", () => {
  const PROPOSERS: readonly Role[] = ["operator", "integration-engineer"];
  it.each(roles.map((role) => [role]))(
    "propose, read, look and decide, as %s, is as the policies say",
    async (role) => {
      const { letter, mended } = await stopped(`MP${roles.indexOf(role)}`, 313_000 + 10 * roles.indexOf(role));
      const as = person(`one-${role}`, role);
      const status = async (work: Promise<unknown>) =>
        work.then(
          () => "ok",
          (thrown: Error) => thrown.message,
        );
      const mayRepair = PROPOSERS.includes(role);
      const told = await status(propose(letter, mended, as));
      expect(told).toBe(mayRepair ? "ok" : "ACCESS_REFUSED");
      const proposal = mayRepair
        ? await site.call<Resubmission>("GET", `/resubmissions/${(await pending(letter)).id}`, undefined, as)
        : await propose(letter, mended);
      const other = person(`other-${role}`, role);
      const safety = role === "clinical-safety-officer";
      const headers = safety ? { ...REASON, "purpose-of-use": "safety-review" } : REASON;
      for (const path of [`/resubmissions/${proposal.id}`, `/resubmissions/${proposal.id}/content`])
        expect([path, await status(site.call("GET", path, undefined, other, headers))]).toEqual([
          path,
          mayRepair || safety ? "ok" : "ACCESS_REFUSED",
        ]);
      expect(await status(decide(proposal, "refuse", other))).toBe(mayRepair ? "ok" : "ACCESS_REFUSED");
    },
  );

  const pending = async ({ subscription, position }: Parked): Promise<{ id: string }> => {
    const rows = await site.db.query<{ id: string }>({
      text: "select id from resubmission.proposal where subscription = $1 and position = $2 and state = 'proposed'",
      values: [subscription, position],
    });
    return rows[0]!;
  };
});
