// Life of a golden record, wire to wire: joined, parted, kept apart for ever, and looked at again when what is known changes.

import { afterAll, beforeAll, expect, it } from "vitest";
import type { Decider, Item, ItemSummary } from "#engine/work";
import type { LinkTold, PersonHistory } from "#services/demographics";
import { until } from "../until.ts";
import { peek } from "../vault.ts";
import { type Spoken, testNhsNumber } from "./adt.ts";
import { faceOf } from "./faces.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { nationally, noon, type Telling, tellingOf } from "./telling.ts";
import { messagesOf } from "./topic-contracts.ts";

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());

const [anna, ben] = [person("Anna"), person("Ben")];
const [sue, tom] = [person("Sue", "steward"), person("Tom", "steward")];
/** Says nothing of name and birth date: two who were merged go by one name from then on. */
const unnamed = { familyName: "", givenName: "", birthDate: "" };
const comment = "the charts are two people's";

/** Says that two registered persons are one, and has two people approve. */
async function merge(survivor: string, retired: string, n = 40): Promise<string> {
  const controlId = `${survivor}-${n}`;
  await t.say({ event: "A40", controlId, at: noon + n * 1_000, person: { mrn: survivor }, retired });
  const item = await t.question(controlId);
  await site.decide(item, "approve", anna);
  await site.decide(item, "approve", ben);
  expect(await t.ended(controlId)).toBe("applied");
  return controlId;
}

const history = (id: string) => site.call<PersonHistory>("GET", `/persons/${id}`);
const idOf = async (mrn: string): Promise<string> => (await t.known(mrn)).id;
/** Asks again where the gateway has too much in hand. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  let answer: { readonly is: Answer } | undefined;
  await until(async () => {
    answer = await ask().then(
      (is) => ({ is }),
      (thrown: Error) => {
        if (thrown.message !== "GATEWAY_OVERLOADED") throw thrown;
        return undefined;
      },
    );
    return answer !== undefined;
  });
  return answer!.is;
}

async function itemsOf(filter: object): Promise<ItemSummary[]> {
  const { items } = await patiently(() => site.call<{ items: ItemSummary[] }>("POST", "/work/list", filter));
  return items.filter(({ state }) => state === "open" || state === "claimed");
}
const sagasOf = async (journey: string) =>
  (
    await patiently(() =>
      site.call<{ instances: { saga: string; status: string }[] }>("GET", `/sagas/instances?journey=${journey}`),
    )
  ).instances;
const completed = (journey: string, saga: string) =>
  until(async () => (await sagasOf(journey)).some((one) => one.saga === saga && one.status === "completed"));

/** Asks for the last standing link of a kind to be taken back. @returns the question that two stewards answer */
async function unlinkAsked(personId: string, kind: string): Promise<Item & { journey: string }> {
  const { links } = await history(personId);
  const { id: linkId } = links.findLast((one) => one.kind === kind && one.undoneBy === null)!;
  const asked = { linkId, comment };
  const { journeyId } = await site.call<{ journeyId: string }>("POST", `/persons/${personId}/unlink`, asked, sue);
  await until(async () => (await itemsOf({ journeyId })).length === 1);
  const [{ id } = { id: "" }] = await itemsOf({ journeyId });
  return { ...(await site.show(id, sue)), journey: journeyId };
}

/** Takes a link back in the names of two stewards. */
async function unlinked(personId: string, kind: string): Promise<void> {
  const item = await unlinkAsked(personId, kind);
  await site.decide(item, "unlink", sue);
  await site.decide(item, "unlink", tom);
  await completed(item.journey, "demographics.unmerge");
}

/** Messages of a topic about a person, in order. */
async function told<Body>(topic: string, id: string): Promise<Body[]> {
  const rows = await site.db.query<{ body: Buffer }>({
    text: `select l.body from backbone.log l join backbone.topic t on t.id = l.topic
      where t.name = $1 order by l.position`,
    values: [topic],
  });
  const texts = rows.map(({ body }) => peek(body));
  return texts.filter((text) => text.includes(id)).map((text) => JSON.parse(text) as Body);
}

/** The open question about a pair, once there is one. */
async function askedAbout(one: string, other: string): Promise<Item> {
  let found: Item | undefined;
  await until(async () => {
    for (const { id } of await itemsOf({ queue: "match-steward" })) {
      const item = await site.show(id, sue);
      const { personId, otherId } = item.content as { personId?: string; otherId?: string };
      if ([personId, otherId].includes(one) && [personId, otherId].includes(other)) found = item;
    }
    return found !== undefined;
  });
  return found!;
}

/** Resolves once matching has looked at a person as it is known now: after `change`. */
async function lookedAtAgain(id: string, change: () => Promise<unknown>): Promise<void> {
  const digest = async () =>
    (
      await site.db.query<{ digest: string }>({
        text: "select digest from demographics.evaluation where person_id = $1",
        values: [id],
      })
    )[0]?.digest;
  const before = await digest();
  await change();
  await until(async () => (await digest()) !== before);
  await site.quiet();
}

/** Two who are one in all that matching compares, once the second's birth date is known: it came without. */
async function lookAlikes(one: string, other: string): Promise<Spoken> {
  const { familyName, givenName, birthDate } = faceOf(one);
  const same = { familyName, givenName, addressLine1: "7 Pair Row", phone: "01632960555" };
  await t.register({ mrn: one, ...same, birthDate: birthDate.replaceAll("-", "") });
  await t.register({ mrn: other, familyName, givenName, birthDate: "" });
  return { mrn: other, ...same, birthDate: birthDate.replaceAll("-", "") };
}

it("parts two who were merged once two stewards agree, each with what was said of it since, and both records follow", async () => {
  await t.register({ mrn: "GR1", addressLine1: "1 Kept Row", phone: "01632960001" });
  await t.register({ mrn: "GR2", addressLine1: "1 Gone Row" });
  const [kept, gone] = [await idOf("GR1"), await idOf("GR2")];
  const before = { kept: (await t.known("GR1")).fields, gone: (await t.known("GR2")).fields };
  await merge("GR1", "GR2");
  expect(await t.ended(await t.update({ mrn: "GR1", email: "own@example.test" }, 41))).toBe("applied");
  expect(await t.ended(await t.update({ mrn: "GR2", ...unnamed, addressLine1: "9 Its Row" }, 42))).toBe("applied");
  expect((await t.known("GR1")).id).toBe((await t.known("GR2")).id);

  const item = await unlinkAsked(kept, "merged");
  expect(item).toMatchObject({ reason: "MG-501", content: { requestedBy: "test:Sue", comment } });
  await expect(site.decide(item, "unlink", anna)).rejects.toThrow();
  await site.decide(item, "unlink", sue);
  expect((await t.known("GR2")).id).toBe(kept);
  await site.decide(item, "unlink", tom);
  await completed(item.journey, "demographics.unmerge");

  expect([await idOf("GR1"), await idOf("GR2")]).toEqual([kept, gone]);
  const [one, other] = [(await t.known("GR1")).fields, (await t.known("GR2")).fields];
  expect(one).toMatchObject({ addressLine1: before.kept.addressLine1, email: { value: "own@example.test" } });
  expect(one.phone).toEqual(before.kept.phone);
  expect(other.addressLine1).toMatchObject({ value: "9 Its Row" });
  expect(other.familyName).toEqual(before.gone.familyName);
  expect(other).not.toHaveProperty("email");
  const [keptRecord] = await site.nav.patientsBy("GR1");
  const [goneRecord] = await site.nav.patientsBy("GR2");
  expect(keptRecord).toMatchObject({ addressLine1: "1 Kept Row", mergedIntoNumber: "" });
  expect(goneRecord).toMatchObject({ addressLine1: "9 Its Row", mergedIntoNumber: "" });

  expect(await t.ended(await t.update({ mrn: "GR2", addressLine1: "10 Its Row" }, 43))).toBe("applied");
  expect((await t.known("GR1")).fields.addressLine1).toEqual(before.kept.addressLine1);

  const [link] = await told<LinkTold>("person.linked", gone);
  const [unlink] = await told<LinkTold>("person.unlinked", gone);
  expect(link).toMatchObject({
    kind: "merged",
    personId: kept,
    otherId: gone,
    by: ["test:Anna", "test:Ben"],
    code: "MG-500",
  });
  expect(unlink).toEqual({
    ...link,
    by: ["test:Sue", "test:Tom"],
    code: "MG-501",
    at: expect.any(String),
  });
  expect((await history(kept)).links.map(({ kind }) => kind)).toEqual(["merged", "unlinked", "apart"]);
});

it("asks two stewards, and nobody else, about a merge of two whom stewards have parted", async () => {
  await t.register({ mrn: "GA1" });
  await t.register({ mrn: "GA2" });
  await merge("GA1", "GA2");
  await unlinked(await idOf("GA1"), "merged");
  await t.say({ event: "A40", controlId: "GA1-50", at: noon + 50_000, person: { mrn: "GA1" }, retired: "GA2" });
  const item = await t.question("GA1-50");
  expect(item).toMatchObject({ reason: "MT-212", content: { neverTheSame: { by: ["test:Sue", "test:Tom"] } } });
  await expect(site.decide(item, "approve", anna)).rejects.toThrow();
  await site.decide(item, "approve", sue);
  expect((await site.journey("GA1-50")).state).toBe("waiting");
  await site.decide(item, "approve", tom);
  expect(await t.ended("GA1-50")).toBe("applied");
  expect(await idOf("GA1")).toBe(await idOf("GA2"));
});

it("leaves two merged where one of the stewards would rather leave it", async () => {
  await t.register({ mrn: "GL1" });
  await t.register({ mrn: "GL2" });
  await merge("GL1", "GL2");
  const item = await unlinkAsked(await idOf("GL1"), "merged");
  await site.decide(item, "unlink", sue);
  await site.decide(item, "leave", tom);
  await completed(item.journey, "demographics.unmerge");
  expect(await idOf("GL1")).toBe(await idOf("GL2"));
});

it("parts nobody, and keeps nobody apart, for whoever is no steward or names no link", async () => {
  await t.register({ mrn: "GF1" });
  await t.register({ mrn: "GF2" });
  const [one, other] = [await idOf("GF1"), await idOf("GF2")];
  await merge("GF1", "GF2");
  const { links } = await history(one);
  const linkId = links[0]!.id;
  const asked = (path: string, body: object, as: Decider) =>
    site.call("POST", `/persons/${one}/${path}`, { comment, ...body }, as);
  await expect(asked("unlink", { linkId }, anna)).rejects.toThrow("ACCESS_REFUSED");
  await expect(asked("apart", { otherId: other }, anna)).rejects.toThrow("ACCESS_REFUSED");
  await expect(asked("unlink", { linkId: one }, sue)).rejects.toThrow("PERSON_NOT_LINKED");
  await expect(asked("apart", { otherId: other }, sue)).rejects.toThrow("PERSON_LINKED");
  await expect(history("00000000-0000-4000-8000-000000000000")).rejects.toThrow("PERSON_UNKNOWN");
});

it("holds of each field what was said last, of either of two who became one", async () => {
  await t.register({ mrn: "GS1", addressLine1: "1 First Row" });
  await t.register({ mrn: "GS2", addressLine1: "1 Second Row" });
  await t.ended(await t.update({ mrn: "GS2", phone: "01632960200", email: "two@example.test" }, 1));
  await t.ended(await t.update({ mrn: "GS1", phone: "01632960100" }, 2));
  await merge("GS1", "GS2");
  expect((await t.known("GS1")).fields).toMatchObject({
    addressLine1: { value: "1 First Row" },
    phone: { value: "+441632960100" },
    email: { value: "two@example.test" },
  });
  expect((await site.nav.patientsBy("GS1"))[0]).toMatchObject({ email: "two@example.test" });
});

it("finds possible duplicates when what is known changes, and never asks again once a steward has said that they differ", async () => {
  const grown = await lookAlikes("GD1", "GD2");
  const [one, other] = [await idOf("GD1"), await idOf("GD2")];
  expect(await t.approve(await t.update(grown, 1))).toBe("applied");
  const item = await askedAbout(one, other);
  expect(item.actions).toMatchObject([
    { name: "same", roles: ["steward"] },
    { name: "different", roles: ["steward"] },
  ]);
  await lookedAtAgain(one, () => t.update({ mrn: "GD1", email: "first@example.test" }, 2));
  expect((await itemsOf({ queue: "match-steward" })).map(({ id }) => id)).toEqual([item.id]);

  await site.decide(item, "different", sue);
  await completed(item.journeyId, "demographics.duplicate");
  await lookedAtAgain(one, () => t.update({ mrn: "GD1", email: "shared@example.test" }, 3));
  await lookedAtAgain(other, () => t.update({ mrn: "GD2", ...unnamed, email: "shared@example.test" }, 3));
  expect(await itemsOf({ queue: "match-steward" })).toEqual([]);
  expect(await idOf("GD1")).not.toBe(await idOf("GD2"));
  await t.say({ event: "A40", controlId: "GD1-50", at: noon + 50_000, person: { mrn: "GD1" }, retired: "GD2" });
  expect(await t.question("GD1-50")).toMatchObject({ reason: "MT-212" });
});

it("has two others agree to the merge of two whom a steward calls the same", async () => {
  const grown = await lookAlikes("GE1", "GE2");
  const [one, other] = [await idOf("GE1"), await idOf("GE2")];
  expect(await t.approve(await t.update(grown, 1))).toBe("applied");
  const item = await askedAbout(one, other);
  await site.decide(item, "same", sue);
  const { journeyId } = item;
  await until(async () => (await itemsOf({ journeyId })).some(({ queue }) => queue === "demographics-merge"));
  const [asked] = await itemsOf({ journeyId });
  await expect(site.decide(asked!, "approve", sue)).rejects.toThrow();
  expect(await idOf("GE1")).not.toBe(await idOf("GE2"));
  await site.decide(asked!, "approve", anna);
  await site.decide(asked!, "approve", ben);
  await completed(journeyId, "demographics.merge");
  expect(await idOf("GE2")).toBe(one);
  const [kept] = await site.nav.patientsBy("GE1");
  expect((await site.nav.patientsBy("GE2"))[0]).toMatchObject({ mergedIntoNumber: kept!.number });
});

it("asks whether two are one when the national service makes one number of theirs, and both numbers lead to one then", async () => {
  const [from, to] = [testNhsNumber(8_100), testNhsNumber(8_110)];
  await site.pds.know(nationally(from));
  const { familyName, givenName, birthDate } = faceOf(from);
  await t.register({ mrn: "GN1", nhsNumber: from });
  await t.register({ mrn: "GN2", nhsNumber: to, familyName, givenName, birthDate: "" });
  const [one, other] = [await idOf("GN1"), await idOf("GN2")];
  expect(one).not.toBe(other);
  await site.pds.know({ ...nationally(from), nhsNumber: to, birthDate });
  await site.pds.supersede(from, to);
  await t.update({ mrn: "GN1", nhsNumber: from, addressLine1: "2 Number Row" }, 1);
  const item = await askedAbout(one, other);
  expect(item.reason).toBe("MT-102");
  await site.decide(item, "same", sue);
  const { journeyId } = item;
  await until(async () => (await itemsOf({ journeyId })).some(({ queue }) => queue === "demographics-merge"));
  const [asked] = await itemsOf({ journeyId });
  await site.decide(asked!, "approve", anna);
  await site.decide(asked!, "approve", ben);
  await completed(journeyId, "demographics.merge");
  expect(await idOf("GN1")).toBe(await idOf("GN2"));
  const held = await site.db.query<{ sealed: Buffer }>({
    text: "select sealed from demographics.nhs_number where person_id = $1 and unlinked_at is null",
    values: [await idOf("GN1")],
  });
  expect(held.map(({ sealed }) => peek(sealed)).toSorted()).toEqual([from, to].toSorted());
});

it("makes a person of its own, in the ERP too, of an arrival that matching had linked to somebody else", async () => {
  const { familyName, givenName, birthDate } = faceOf("GM1");
  const same = { familyName, givenName, birthDate: birthDate.replaceAll("-", ""), gender: "F" };
  await t.register({ mrn: "GM1", ...same, addressLine1: "3 Match Row", phone: "01632960300" });
  const before = (await t.known("GM1")).fields;
  const arrived = await t.update(
    { mrn: "GM2", ...same, addressLine1: "3 Match Row", phone: "01632960300", email: "m2@example.test" },
    1,
    "A28",
  );
  expect(await t.ended(arrived)).toBe("applied");
  const one = await idOf("GM1");
  expect(await idOf("GM2")).toBe(one);
  const [link] = await told<LinkTold>("person.linked", one);
  expect(link).toMatchObject({ kind: "matched", personId: one, by: [] });

  await unlinked(one, "matched");
  const other = await idOf("GM2");
  expect(other).not.toBe(one);
  expect((await t.known("GM1")).fields.email).toEqual(before.email);
  expect((await t.known("GM2")).fields).toMatchObject({ email: { value: "m2@example.test" } });
  expect((await site.nav.patientsBy("GM2"))[0]).toMatchObject({ email: "m2@example.test" });
  expect((await site.nav.patientsBy("GM1"))[0]).toMatchObject({ email: "" });
  expect((await told<LinkTold>("person.unlinked", one))[0]).toMatchObject({ kind: "matched", otherId: other });
});

it("tells no value of a person by its events", async () => {
  const marker = "8 Marker Yard";
  await t.register({ mrn: "GV1", addressLine1: marker });
  await t.register({ mrn: "GV2", addressLine1: marker });
  await merge("GV1", "GV2");
  await unlinked(await idOf("GV1"), "merged");
  const topics = ["person.linked", "person.unlinked", "person.changed", "duplicate.suspected"];
  const rows = await site.db.query<{ name: string; body: Buffer }>({
    text: "select t.name, l.body from backbone.log l join backbone.topic t on t.id = l.topic where t.name = any($1)",
    values: [topics],
  });
  expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(topics));
  const { familyName } = faceOf("GV1");
  for (const { body } of rows) {
    const text = peek(body).toUpperCase();
    for (const personal of [marker, familyName, "GV1", "example.test", "01632"])
      expect(text).not.toContain(personal.toUpperCase());
  }
  expect(await site.log()).not.toContain("Marker Yard");
  expect(await site.verifyAudit()).toMatchObject({ intact: true, faults: [] });
});

it("tells on every topic what its contract says, and nothing else", async () => {
  const { topics, odd } = await messagesOf(site.db);
  expect(odd).toEqual([]);
  expect([...topics].sort()).toEqual([
    "duplicate.suspected",
    "nav-write.requested",
    "person.changed",
    "person.linked",
    "person.merged",
    "person.unlinked",
    "person.updated",
    "unlink.requested",
    "work.decided",
    "write.settled",
  ]);
});
