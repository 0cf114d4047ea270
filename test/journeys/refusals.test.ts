// Bad input at the front door: a clear, coded answer, kept for repair, and never half applied.

import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { frame, frameReader } from "#connectors/mllp";
import { readAcknowledgement } from "#formats/hl7v2";
import { type Adt, adt } from "./adt.ts";
import { type Site, startSite } from "./platform-rig.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const noon = Date.now() - 86_400_000;
const say = (message: Adt) => site.send(adt(message));
const ledgerSize = async () => (await site.nav.ledger()).length;

it("refuses other bytes under a control id that was used, and applies none of them", async () => {
  const message = {
    event: "A28",
    controlId: "CI1",
    at: noon,
    person: { mrn: "CI1", addressLine1: "1 First Row" },
  } as const;
  expect((await say(message)).code).toBe("AA");
  const refused = await say({ ...message, person: { ...message.person, addressLine1: "2 Other Row" } });
  expect(refused).toMatchObject({ code: "AR", errors: [{ reason: "HL7_DUPLICATE_CONTROL_ID" }] });
  await site.settled("CI1");
  expect(await site.nav.patientsBy("CI1")).toMatchObject([{ addressLine1: "1 First Row" }]);
});

it("answers invalid content AE with its code and place, keeps it as a dead letter and tries it again on request", async () => {
  const answer = await say({ event: "A31", controlId: "IC1", at: noon, person: { mrn: "IC1", birthDate: "19791402" } });
  expect(answer.code).toBe("AE");
  expect(answer.errors).toMatchObject([{ location: "PID-7", code: "102", reason: expect.stringMatching(/^DQ-/) }]);
  expect((await site.settled("IC1")).state).toBe("waiting");
  const letter = await site.deadLetterOf("IC1");
  expect(letter).toMatchObject({ subscription: "adt", state: "dead", reason: "HL7_BAD_VALUE" });

  await site.replay(letter);
  await site.quiet();
  expect(await site.deadLetterOf("IC1")).toMatchObject({ state: "dead", reason: "HL7_BAD_VALUE" });
  expect((await site.journey("IC1")).milestones.filter(({ name }) => name === "attempted")).toHaveLength(2);
  expect(await site.nav.patientsBy("IC1")).toEqual([]);

  await site.dismiss(letter);
  expect((await site.settled("IC1")).state).toBe("complete");
});

it("lets an invalid message hold up no other of its patient", async () => {
  await say({ event: "A28", controlId: "NB1", at: noon, person: { mrn: "NB1", birthDate: "19791402" } });
  await say({ event: "A31", controlId: "NB2", at: noon + 1_000, person: { mrn: "NB1", addressLine1: "1 Free Row" } });
  expect((await site.settled("NB2")).state).toBe("complete");
  expect(await site.nav.patientsBy("NB1")).toMatchObject([{ addressLine1: "1 Free Row" }]);
});

it.each(["T", "D", ""])("refuses a message of processing id '%s' AR and applies nothing", async (processingId) => {
  const before = await ledgerSize();
  const answer = await say({
    event: "A28",
    controlId: `PI${processingId}`,
    at: noon,
    person: { mrn: "PI1" },
    processingId,
  });
  expect(answer).toMatchObject({ code: "AR", errors: [{ reason: "HL7_WRONG_PROCESSING_ID" }] });
  expect(await ledgerSize()).toBe(before);
});

it("answers bytes that are no message AR and keeps them for a person", async () => {
  const before = (await site.deadLetters()).length;
  const answer = await site.send(Buffer.from("nothing that begins with a header"));
  expect(answer).toMatchObject({ code: "AR", errors: [{ reason: "HL7_NO_HEADER" }] });
  await site.quiet();
  const letters = await site.deadLetters();
  expect(letters).toHaveLength(before + 1);
  expect(letters[0]?.reason).toBe("HL7_NO_HEADER");
});

it.each([
  ["a NUL in the control id", { controlId: "NU\x001" }],
  ["a NUL in the sender's own number", { controlId: "NU2", person: { mrn: "NU\x002" } }],
  ["a control id of nine thousand characters", { controlId: "x7k2p9qd".repeat(1_125) }],
  ["a number of nine thousand characters", { controlId: "NU4", person: { mrn: "q8w3e7r1".repeat(1_125) } }],
])("survives %s, answers it and goes on for everybody else", async (_, hostile) => {
  const hospital = site.hospital(4);
  const message: Adt = { event: "A28", at: noon, person: { mrn: "NU1" }, ...hostile };
  const serial = `OK${message.controlId.length}${message.person.mrn.length}`;
  const good = { event: "A28", controlId: serial, at: noon, person: { mrn: serial } } as const;
  const [first, second] = await Promise.all([hospital.send(adt(message)), hospital.send(adt(good))]);
  expect(readAcknowledgement(first).code).toMatch(/^A[AER]$/);
  expect(readAcknowledgement(second).code).toBe("AA");
  expect((await site.settled(serial)).state).toBe("complete");
});

it("answers in enhanced mode with an accept and an application acknowledgement", async () => {
  const message = adt({
    event: "A28",
    controlId: "EM1",
    at: noon,
    person: { mrn: "EM1" },
    acceptAck: "AL",
    applicationAck: "AL",
  });
  const replies = await new Promise<Buffer[]>((resolve, reject) => {
    const reader = frameReader({ maxFrameBytes: 100_000 });
    const frames: Buffer[] = [];
    const socket = connect({ host: "127.0.0.1", port: site.mllpPort }, () => socket.write(frame(message)));
    socket.once("error", reject);
    socket.on("data", (chunk) => {
      frames.push(...reader.push(chunk));
      if (frames.length < 2) return;
      socket.destroy();
      resolve(frames);
    });
  });
  expect(replies.map((reply) => readAcknowledgement(reply)).map(({ code, controlId }) => [code, controlId])).toEqual([
    ["CA", "EM1"],
    ["AA", "EM1"],
  ]);
});
