// Updates: on whose behalf, against which version, and what is known when one has not been answered.

import { afterEach, describe, expect, test } from "vitest";
import type { NationalUser } from "#canonical/contracts";
import type { PersonChanges } from "#canonical/model";
import { LockgateError } from "#kernel/errors";
import type { Asked, Said } from "../nav/peer.ts";
import {
  context,
  found,
  nhsNumber,
  otherNumber,
  outcome,
  patient,
  pdsAt,
  pdsPeer,
  requestId,
  restrictedMeta,
  user,
  version,
} from "./peer.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const changed = { ...patient, meta: { ...patient.meta, versionId: "5" }, gender: "male" };
const done = found(changed, { etag: 'W/"5"' });

/** A service that holds `record` and answers a PATCH by `patched`. */
async function holding(record: Said, patched: Said | ((asked: Asked) => Said) = done) {
  const peer = await pdsPeer((asked) => {
    if (asked.method === "GET") return record;
    return typeof patched === "function" ? patched(asked) : patched;
  });
  closers.push(() => peer.close());
  const pds = pdsAt(peer.port);
  closers.push(() => pds.close());
  const update = (changes: PersonChanges = { gender: "male" }, more: Partial<NationalUser> = {}) =>
    pds.update({ nhsNumber, version }, changes, { ...user, ...more }, requestId, context());
  return { peer, update, patches: () => peer.calls().filter(({ method }) => method === "PATCH") };
}
const errorOf = (work: Promise<unknown>): Promise<LockgateError> =>
  work.then(
    () => expect.unreachable(),
    (thrown: LockgateError) => thrown,
  );

describe("an update", () => {
  test("reads the record again, patches that version as the user, and gives the record as it is then", async () => {
    const { peer, update } = await holding(found());
    expect(await update()).toMatchObject({ version: 'W/"5"', fields: { gender: "male", familyName: "O'Wren" } });
    const [read, patch] = peer.calls();
    const shared = {
      authorization: "Bearer user-token",
      "nhsd-session-urid": user.roleId,
      "nhsd-end-user-organisation-ods": user.organisation,
    };
    expect(read?.headers).toMatchObject(shared);
    expect(read?.headers["x-request-id"]).not.toBe(requestId);
    expect(patch).toMatchObject({ method: "PATCH", url: `/FHIR/R4/Patient/${nhsNumber}` });
    expect(patch?.headers).toMatchObject({
      ...shared,
      "content-type": "application/json-patch+json",
      "if-match": version,
      "x-request-id": requestId,
    });
    expect(JSON.parse(patch?.body ?? "")).toEqual({ patches: [{ op: "replace", path: "/gender", value: "male" }] });
    expect(peer.asked.filter(({ url }) => url === "/oauth2/token")).toEqual([]);
  });

  test("sends only what the record does not hold yet", async () => {
    const { update, patches } = await holding(found());
    await update({ gender: "male", familyName: "O'Wren", phone: "+447700900123", deceased: false, country: null });
    expect(JSON.parse(patches()[0]?.body ?? "").patches).toHaveLength(1);
  });

  test("that has nothing left to do sends nothing, even at a later version", async () => {
    const { update, patches } = await holding(done);
    expect(await update()).toMatchObject({ version: 'W/"5"', fields: { gender: "male" } });
    expect(patches()).toEqual([]);
  });

  test("of a record that has moved is stale, and sends nothing", async () => {
    const { update, patches } = await holding(found({ ...patient, gender: "unknown" }, { etag: 'W/"5"' }));
    expect(await errorOf(update())).toMatchObject({ code: "NATIONAL_STALE", reason: "PDS_VERSION" });
    expect(patches()).toEqual([]);
  });

  test("of a record that goes by another number now is stale, and sends nothing", async () => {
    const { update, patches } = await holding(found({ ...patient, id: otherNumber }));
    expect(await errorOf(update())).toMatchObject({ code: "NATIONAL_STALE", reason: "PDS_SUPERSEDED" });
    expect(patches()).toEqual([]);
  });

  test.each([
    ["RESOURCE_NOT_FOUND", outcome(404, "RESOURCE_NOT_FOUND")],
    ["INVALIDATED_RESOURCE", outcome(404, "INVALIDATED_RESOURCE")],
    ["INVALIDATED_RESOURCE", found({ ...patient, meta: { versionId: "4", security: [{ code: "REDACTED" }] } })],
  ])("of a record that is not there is refused: %s", async (reason, said) => {
    const { update, patches } = await holding(said);
    expect(await errorOf(update())).toMatchObject({ code: "NATIONAL_REFUSED", reason });
    expect(patches()).toEqual([]);
  });

  test.each<[PersonChanges]>([
    [{ addressLine1: "1 High Street" }],
    [{ postcode: null }],
    [{ phone: "+447700900123" }],
    [{ phone: null }],
    [{ email: null }],
    [{ gpPracticeCode: "A12345" }],
    [{ gender: "male", town: null }],
  ])("of where a person of a restricted record is, is refused and never blanked: %#", async (changes) => {
    const { update, patches } = await holding(found({ ...patient, meta: restrictedMeta }));
    expect(await errorOf(update(changes))).toMatchObject({ code: "NATIONAL_REFUSED", reason: "PDS_RESTRICTED" });
    expect(patches()).toEqual([]);
  });

  test("of a restricted person's name is made", async () => {
    const { update, patches } = await holding(found({ ...patient, meta: restrictedMeta }));
    await update({ familyName: "Lark" });
    expect(patches()).toHaveLength(1);
  });

  test.each([
    [409, "RESOURCE_VERSION_MISMATCH"],
    [412, "PRECONDITION_FAILED"],
  ])("that loses the race under %i is stale, and is not sent again", async (status, code) => {
    const { update, patches } = await holding(found(), outcome(status, code));
    expect(await errorOf(update())).toMatchObject({ code: "NATIONAL_STALE", reason: code });
    expect(patches()).toHaveLength(1);
  });

  test("that the service is slow with may have happened, and says when to ask again", async () => {
    const slow = outcome(503, "SERVICE_UNAVAILABLE", { "retry-after": "5" });
    const { update, patches } = await holding(found(), slow);
    const error = await errorOf(update());
    expect(error).toMatchObject({ code: "NATIONAL_NO_ANSWER", retryAfterMs: 5_000, disposition: "ambiguous" });
    expect(patches()).toHaveLength(1);
  });

  test("that happened without an answer is done when it is repeated under the same id", async () => {
    let record: object = patient;
    const peer = await pdsPeer(({ method }) => {
      if (method === "GET") return found(record, { etag: record === patient ? version : 'W/"5"' });
      record = changed;
      return outcome(503, "SERVICE_UNAVAILABLE", { "retry-after": "1" });
    });
    closers.push(() => peer.close());
    const pds = pdsAt(peer.port);
    closers.push(() => pds.close());
    const attempt = () => pds.update({ nhsNumber, version }, { gender: "male" }, user, requestId, context());
    expect(await errorOf(attempt())).toMatchObject({ code: "NATIONAL_NO_ANSWER" });
    expect(await attempt()).toMatchObject({ version: 'W/"5"', fields: { gender: "male" } });
  });

  test.each<[string, Said]>([
    ["another person's record", found({ ...changed, id: otherNumber })],
    ["no record", { status: 200, body: "{}" }],
    ["a page", { status: 200, body: "<html>" }],
  ])("that is answered with %s may have happened", async (_what, said) => {
    const { update } = await holding(found(), said);
    expect(await errorOf(update())).toMatchObject({ code: "NATIONAL_BAD_ANSWER" });
  });

  test("that cannot read the record first has not happened", async () => {
    const { update } = await holding(outcome(503, "SERVICE_UNAVAILABLE", { "retry-after": "5" }));
    expect(await errorOf(update())).toMatchObject({ code: "NATIONAL_UNAVAILABLE", retryAfterMs: 5_000 });
  });

  test("under a token that is refused is not tried under another", async () => {
    const { peer, update } = await holding(outcome(401, "ACCESS_DENIED"));
    expect(await errorOf(update())).toMatchObject({ code: "NATIONAL_UNAUTHORISED" });
    expect(peer.asked).toHaveLength(1);
  });

  test.each<[Partial<NationalUser>, string]>([
    [{ accessToken: () => Promise.reject(new Error("secret")) }, "NATIONAL_UNAUTHORISED"],
    [{ accessToken: () => Promise.reject(new LockgateError("NATIONAL_UNAVAILABLE")) }, "NATIONAL_UNAVAILABLE"],
    [{ accessToken: async () => "two\r\nlines" }, "NATIONAL_UNAUTHORISED"],
    [{ roleId: "a\r\nb: c" }, "NATIONAL_REFUSED"],
    [{ organisation: "" }, "NATIONAL_REFUSED"],
  ])("on behalf of nobody who can be named is not sent: %#", async (more, code) => {
    const { peer, update } = await holding(found());
    const error = await errorOf(update(undefined, more));
    expect(error.code).toBe(code);
    expect(`${error.message} ${String(error.cause)}`).not.toContain("secret");
    expect(peer.asked).toEqual([]);
  });
});
