// The secrets by which other systems know this platform rotate under load: the store has the new one first, and no request fails.

import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { navPatients, navSettings } from "#connectors/nav";
import { pdsDemographics, pdsSettings } from "#connectors/pds";
import { systemClock } from "#kernel/clock";
import type { LockgateError } from "#kernel/errors";
import { openLog } from "#kernel/log";
import { withSecrets } from "#kernel/secrets";
import { newTrace } from "#kernel/trace";
import { storeOf, underLoad } from "../under-load.ts";
import { httpPeer, type Said } from "./nav/peer.ts";
import { asJson, context, found, nhsNumber, openGates, requestId } from "./pds/peer.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** What came of an attempt, in one word. */
const outcomeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "done",
    (thrown: LockgateError) => thrown.code,
  );

describe("the access key of the ERP", () => {
  const record = {
    "@odata.etag": 'W/"JzIwOzE7MDA7Jw=="',
    id: "22222222-aaaa-4bbb-8ccc-000000000002",
    number: "PAT1",
    mrn: "M1",
    mergedIntoNumber: "",
    externalReference: "key-1",
    lastModifiedDateTime: "2026-01-02T03:04:05.678Z",
  };

  /** An ERP that takes one key, as the real one has one for each user. */
  async function openErp(versions: () => readonly string[]) {
    const state = { taken: "first-key", refused: 0 };
    const peer = await httpPeer(({ headers }): Said => {
      const isTaken = headers.authorization === `Basic ${Buffer.from(`LOCKGATE:${state.taken}`).toString("base64")}`;
      if (!isTaken) state.refused += 1;
      return isTaken
        ? { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(record) }
        : { status: 401 };
    });
    const store = storeOf({ erp: versions });
    const parsed = navSettings.parse({
      name: "nav-test",
      baseUrl: `http://127.0.0.1:${peer.port}/BC`,
      company: { id: "11111111-aaaa-4bbb-8ccc-000000000001", name: "CRONUS UK Ltd." },
      user: "LOCKGATE",
      accessKey: "secret://erp",
    });
    const patients = navPatients(await withSecrets(parsed, store), { clock: systemClock });
    closers.push(peer.close, () => patients.close(), store.close);
    const values = { mrn: "M1", mrnAuthority: "RXX", familyName: "Example" };
    const write = () => outcomeOf(patients.create(values, "key-1", { traceparent: newTrace() }));
    return { state, store, write };
  }

  test("rotates under load without a failed request", async () => {
    let versions = ["first-key"];
    const { state, store, write } = await openErp(() => versions);
    const outcomes = await underLoad(write, [
      () => {
        versions = ["second-key", "first-key"];
      },
      () => store.refresh(),
      () => {
        state.taken = "second-key";
      },
      () => {
        versions = ["second-key"];
      },
      () => store.refresh(),
    ]);
    expect(new Set(outcomes)).toEqual(new Set(["done"]));
    // Those that were under way when it changed were refused once, and nobody after them.
    expect(state.refused).toBeGreaterThan(0);
    expect(state.refused).toBeLessThanOrEqual(3);
  });

  test("is told to be wrong where there is no other", async () => {
    const { state, write } = await openErp(() => ["first-key"]);
    state.taken = "second-key";
    expect(await write()).toBe("ERP_UNAUTHORISED");
    expect(state.refused).toBe(1);
  });
});

describe("the signing key of the national service", () => {
  const newKey = () => generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }) as string;

  test("rotates under load with its id, without a failed request", async () => {
    const [old, young] = [newKey(), newKey()];
    const registered = new Map([["old", old.publicKey]]);
    const signers: string[] = [];
    const peer = await httpPeer(({ url, body, headers }) => {
      if (url !== "/oauth2/token") return headers.authorization === "Bearer a-token" ? found() : { status: 401 };
      const [header = "", claims = "", signature = ""] = (
        new URLSearchParams(body).get("client_assertion") ?? ""
      ).split(".");
      const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string };
      const key = registered.get(kid);
      const isSigned =
        key !== undefined &&
        verify(
          "sha512",
          Buffer.from(`${header}.${claims}`),
          createPublicKey(pemPublic(key)),
          Buffer.from(signature, "base64url"),
        );
      if (isSigned) signers.push(kid);
      // Of less than the seconds that are spared: each call asks for a token of its own.
      return isSigned
        ? asJson(200, { access_token: "a-token", expires_in: "1", token_type: "Bearer" })
        : asJson(401, { error: "invalid_request" });
    });
    let [kids, keys] = [["old"], [pemOf(old.privateKey)]];
    const store = storeOf({ kid: () => kids, key: () => keys });
    const parsed = pdsSettings.parse({
      baseUrl: `http://127.0.0.1:${peer.port}/FHIR/R4`,
      tokenUrl: `http://127.0.0.1:${peer.port}/oauth2/token`,
      apiKey: "api-key",
      kid: "secret://kid",
      privateKey: "secret://key",
      callsPerSecond: 2_000,
    });
    const pds = pdsDemographics(await withSecrets(parsed, store), {
      clock: systemClock,
      db: openGates,
      log: openLog("silent"),
    });
    closers.push(peer.close, () => pds.close(), store.close);
    const outcomes = await underLoad(
      () => outcomeOf(pds.retrieve(nhsNumber, requestId, context())),
      [
        () => {
          // One of the two is read before the other: what does not fit is never tried while the old pair is taken.
          kids = ["young", "old"];
        },
        () => store.refresh(),
        () => {
          keys = [pemOf(young.privateKey), pemOf(old.privateKey)];
        },
        () => store.refresh(),
        () => registered.set("young", young.publicKey),
        () => registered.delete("old"),
      ],
    );
    expect(new Set(outcomes)).toEqual(new Set(["done"]));
    expect(new Set(signers)).toEqual(new Set(["old", "young"]));
  });
});

const pemPublic = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }) as string;
