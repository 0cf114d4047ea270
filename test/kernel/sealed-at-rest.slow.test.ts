// What is personal stands nowhere on the disk: planted values are looked for, byte by byte, in all that a killed site left behind.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { mllpClient } from "#connectors/mllp";
import { readAcknowledgement } from "#formats/hl7v2";
import { newId } from "#kernel/ids";
import { demoCredentials } from "../../doubles/nav/index.ts";
import { readRunning } from "../../src/app/installation.ts";
import { endAll, isAlive, kill, postmasterOf, type Running, run } from "../chaos/processes.ts";
import { openTestIssuer } from "../gateway/identity/test-issuer.ts";
import { type Adt, adt, testNhsNumber } from "../journeys/adt.ts";
import { clientKey, freePortBase, navDesk, operatorDesk, pdsAt, pdsDesk } from "../journeys/platform-rig.ts";
import { nationally } from "../journeys/telling.ts";
import { until } from "../until.ts";

const FAMILY = "Quillfeather";
const GIVEN = "Ysoldana";
const STREET = "17 Plantedmarker Row";
const MRN = "ZQX731905";
/** Of what somebody says who looks a person up. */
const WHY = "Whisperedreason";
/** Of what somebody says who has a person watched. */
const WATCHED_FOR = "Gossipedreason";
/** Written to the database in the clear, past the stores: the search must find it. */
const BYPASS = "Unsealedcontrolword";

/** A text as it may stand in a file: in two encodings, in either case, as hex and as base64 at any offset. */
function formsOf(text: string): Buffer[] {
  const cases = [...new Set([text, text.toUpperCase(), text.toLowerCase()])];
  const plain = cases.flatMap((one) => [
    Buffer.from(one),
    Buffer.from(one, "utf16le"),
    Buffer.from(one, "utf16le").swap16(),
  ]);
  return plain.flatMap((bytes) => [
    bytes,
    Buffer.from(bytes.toString("hex")),
    Buffer.from(bytes.toString("hex").toUpperCase()),
    // Of each alignment what does not hang on the bytes around it.
    ...[0, 1, 2].map((offset) => {
      const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
        .toString("base64")
        .replace(/=+$/, "");
      return Buffer.from(encoded.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3)));
    }),
  ]);
}

/** Files below a directory in which any form of a text stands. */
async function filesWith(directory: string, text: string): Promise<string[]> {
  const forms = formsOf(text);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (forms.some((form) => bytes.includes(form))) found.push(path.slice(directory.length + 1));
  }
  return found;
}

test("no planted number, name, address or local number stands in what a killed site leaves on its disk", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "lockgate-sealed-"));
  const elsewhere = await mkdtemp(join(tmpdir(), "lockgate-others-"));
  const processes: Running[] = [];
  const people = await openTestIssuer();
  const nhsNumber = testNhsNumber(731_905);
  try {
    const nav = run("doubles/nav/main.ts", ["--data", join(elsewhere, "nav"), "--with-parent"]);
    const pds = run("doubles/pds/main.ts", ["--data", join(elsewhere, "pds"), "--with-parent"]);
    processes.push(nav, pds);
    const { odataPort } = JSON.parse((await nav.line(/ready/))!) as { odataPort: number };
    const { port: pdsPort } = JSON.parse((await pds.line(/ready/))!) as { port: number };
    const national = pdsDesk(pdsPort);
    await national.register(clientKey().publicKey);
    const face = { familyName: FAMILY, givenName: GIVEN, birthDate: "19610517" };
    await national.know(nationally(nhsNumber, { ...face, birthDate: "1961-05-17" }));
    const portBase = await freePortBase();
    const settings = {
      nav: {
        name: "nav",
        baseUrl: `http://127.0.0.1:${odataPort}/BC`,
        company: { name: "CRONUS UK Ltd." },
        user: demoCredentials.user,
        accessKey: demoCredentials.secret,
      },
      pds: pdsAt(pdsPort),
      identity: people.settings,
      log: { level: "debug" },
    };
    await writeFile(join(elsewhere, "lockgate.yaml"), JSON.stringify(settings));
    const platform = run("src/app/main.ts", ["start"], {
      LOCKGATE_CONFIG: join(elsewhere, "lockgate.yaml"),
      LOCKGATE_DATA: dataDir,
      LOCKGATE_PORT_BASE: String(portBase),
    });
    processes.push(platform);
    expect(await platform.line(/Lockgate is ready/), platform.errors.join("\n")).toBeDefined();
    const hospital = mllpClient({
      host: "127.0.0.1",
      port: portBase + 1,
      connections: 1,
      connectTimeoutMs: 2_000,
      ackTimeoutMs: 10_000,
      maxFrameBytes: 100_000,
    });
    const desk = operatorDesk(`http://127.0.0.1:${portBase}`, people);
    const at = Date.now() - 86_400_000;
    const say = async (message: Adt): Promise<string> => readAcknowledgement(await hospital.send(adt(message))).code;
    const person = { mrn: MRN, nhsNumber, ...face, addressLine1: STREET };
    expect(await say({ event: "A28", controlId: "PLANT-1", at, person })).toBe("AA");
    await desk.settled("PLANT-1", 60_000);
    // Found by the number itself, and by the hospital's.
    const { id } = await desk.journey("PLANT-1");
    for (const known of [nhsNumber, MRN]) expect((await desk.journey(known)).id).toBe(id);
    expect(
      await say({
        event: "A31",
        controlId: "PLANT-2",
        at: at + 1_000,
        person: { ...person, addressLine1: `${STREET} East` },
      }),
    ).toBe("AA");
    expect(
      await say({
        event: "A31",
        controlId: "PLANT-3",
        at: at + 2_000,
        person: { ...person, familyName: `${FAMILY}-Marker` },
      }),
    ).toBe("AA");
    // Somebody so like the first that a steward is asked; and one who cannot be taken as he is.
    expect(
      await say({
        event: "A28",
        controlId: "PLANT-4",
        at: at + 3_000,
        person: { ...face, mrn: `${MRN}B`, addressLine1: STREET },
      }),
    ).toBe("AA");
    await say({
      event: "A28",
      controlId: "PLANT-5",
      at: at + 4_000,
      person: { ...person, mrn: `${MRN}C`, birthDate: "19611399" },
    });
    for (const key of ["PLANT-2", "PLANT-3", "PLANT-4"]) await desk.settled(key, 60_000);
    await hospital.close();
    await desk.call("POST", "/journeys/search", { key: MRN }, undefined, {
      "access-reason": `${WHY}: the ward waits`,
    });
    await desk.call(
      "POST",
      "/access/watch",
      { personId: newId(), watched: true, reason: `${WATCHED_FOR} in the news` },
      { name: "adam", roles: ["administrator"] },
    );

    const { database } = readRunning(dataDir)!;
    const owner = new pg.Client({ ...database, user: "lockgate_owner" } as pg.ClientConfig);
    await owner.connect();
    await owner.query("insert into backbone.topic (name) values ($1)", [BYPASS]);
    await owner.query("analyze");
    await owner.end();
    const server = postmasterOf(dataDir);
    kill(platform.pid, "SIGKILL");
    kill(server, "SIGKILL");
    await until(() => !isAlive(server!), 15_000);

    expect(await filesWith(dataDir, BYPASS), "the search finds what is there").not.toEqual([]);
    for (const planted of [nhsNumber, FAMILY, GIVEN, STREET, MRN, WHY, WATCHED_FOR])
      expect(await filesWith(dataDir, planted)).toEqual([]);
    const printed = [...platform.lines, ...platform.errors].join("\n");
    for (const planted of [nhsNumber, FAMILY, GIVEN, MRN, WHY, WATCHED_FOR]) expect(printed).not.toContain(planted);
    // What the doubles hold shows that the values went through.
    expect(await navDesk(odataPort).patientsBy(MRN)).toMatchObject([{ addressLine1: expect.stringContaining(STREET) }]);
  } finally {
    await endAll(dataDir, processes);
    await rm(elsewhere, { recursive: true, force: true });
    people.close();
  }
});
