// HL7 v2 over MLLP as a sender sees it: which answer comes, in which mode, with which code.

import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { frame, frameReader, mllpClient, startMllpSource } from "#connectors/mllp";
import type { Arrival, Fault, Inlet, Receipt } from "#engine/channels";
import { readAcknowledgement } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";

type Took = { arrivals: Arrival[]; refusals: Fault[] };

/** A channel's way in that remembers, and answers as told. */
function inletWith(answer: (arrival: Arrival) => Partial<Receipt> | Error): Inlet & Took {
  const took: Took = { arrivals: [], refusals: [] };
  return {
    ...took,
    channel: "test",
    async receive(arrival) {
      took.arrivals.push(arrival);
      const given = answer(arrival);
      if (given instanceof Error) throw given;
      return { journeyId: "j", outcome: "stored", faults: arrival.fault ? [arrival.fault] : [], ...given };
    },
    async refuse(fault) {
      took.refusals.push(fault);
    },
  };
}

const message = ({ id = "1", processing = "P", version = "2.5.1", accept = "", application = "" } = {}) =>
  `MSH|^~\\&|PAS|RXX|LG|RXX|20260101||ADT^A31|${id}|${processing}|${version}|||${accept}|${application}\rEVN|A31|20260101\rPID|1||X\r`;

describe("a message over MLLP", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function listen(inlet: Inlet, settings = {}): Promise<number> {
    const source = await startMllpSource({ port: 0, processingId: "P", ...settings }, inlet);
    closing.push(() => source.close());
    return Number(new URL(source.address).port);
  }

  /** Sends one frame and gathers `count` replies. */
  function exchange(port: number, content: string, count: number): Promise<Buffer[]> {
    return new Promise((resolve, reject) => {
      const reader = frameReader({ maxFrameBytes: 100_000 });
      const replies: Buffer[] = [];
      const socket = connect(port, "127.0.0.1", () => socket.write(frame(Buffer.from(content))));
      socket.on("error", reject);
      socket.on("close", () => resolve(replies));
      socket.on("data", (chunk) => {
        replies.push(...reader.push(chunk));
        if (replies.length >= count) socket.destroy();
      });
    });
  }
  const codesOf = async (inlet: Inlet, content: string, count = 1) =>
    (await exchange(await listen(inlet), content, count))
      .map((reply) => readAcknowledgement(reply))
      .map(({ code, errors }) => [code, errors[0]?.code, errors[0]?.reason].filter(Boolean).join(" "));

  const good = () => inletWith(() => ({}));
  const invalid = () => inletWith(() => ({ faults: [{ code: "HL7_BAD_VALUE", at: "PID-7", reason: "DQ-DOB-002" }] }));
  const unsupported = () => inletWith(() => ({ faults: [{ code: "HL7_UNSUPPORTED_EVENT", at: "MSH-9.2" }] }));
  const down = () => inletWith(() => new LockgateError("DATABASE_UNAVAILABLE"));

  test.each<[string, () => Inlet, Parameters<typeof message>[0], string[]]>([
    ["AA in original mode", good, {}, ["AA"]],
    ["AE for bad content", invalid, {}, ["AE 102 DQ-DOB-002"]],
    ["AR for an event that is not taken", unsupported, {}, ["AR 201 HL7_UNSUPPORTED_EVENT"]],
    ["AR for test traffic", good, { processing: "T" }, ["AR 202 HL7_WRONG_PROCESSING_ID"]],
    [
      "AR for a control id used for other bytes",
      () => inletWith(() => ({ outcome: "conflict" })),
      {},
      ["AR 205 HL7_DUPLICATE_CONTROL_ID"],
    ],
    ["AA for a repetition of what is stored", () => inletWith(() => ({ outcome: "duplicate" })), {}, ["AA"]],
    ["AE when it could not be stored", down, {}, ["AE 207 DATABASE_UNAVAILABLE"]],
    ["AE for a missing control id", good, { id: "" }, ["AE 101 HL7_REQUIRED_FIELD"]],
    ["CA in enhanced mode", good, { accept: "AL", application: "NE" }, ["CA"]],
    ["CA and then AA where both are asked for", good, { accept: "AL", application: "AL" }, ["CA", "AA"]],
    ["CA and then AE for bad content", invalid, { accept: "AL", application: "AL" }, ["CA", "AE 102 DQ-DOB-002"]],
    [
      "CA and then AE where an application answer is asked for on errors",
      invalid,
      { accept: "AL", application: "ER" },
      ["CA", "AE 102 DQ-DOB-002"],
    ],
    [
      "CE for bad content that no application answer will speak of",
      invalid,
      { accept: "AL", application: "NE" },
      ["CE 102 DQ-DOB-002"],
    ],
    [
      "CR for an event that is not taken",
      unsupported,
      { accept: "AL", application: "AL" },
      ["CR 201 HL7_UNSUPPORTED_EVENT"],
    ],
    ["CE when it could not be stored", down, { accept: "AL", application: "NE" }, ["CE 207 DATABASE_UNAVAILABLE"]],
    ["only AA where the accept answer is not wanted", good, { accept: "NE", application: "AL" }, ["AA"]],
    [
      "only CA where the application answer is wanted on errors alone",
      good,
      { accept: "AL", application: "ER" },
      ["CA"],
    ],
  ])("is answered %s", async (_, inlet, header, expected) => {
    expect(await codesOf(inlet(), message(header), expected.length)).toEqual(expected);
  });

  test("is handed in with its bytes, sender and control id", async () => {
    const inlet = good();
    await codesOf(inlet, message({ id: "C7" }));
    expect(inlet.arrivals).toEqual([{ bytes: Buffer.from(message({ id: "C7" })), sender: "PAS|RXX", controlId: "C7" }]);
  });

  test("that cannot be read is kept, and answered AR", async () => {
    const inlet = good();
    expect(await codesOf(inlet, "this is not HL7")).toEqual(["AR 100 HL7_NO_HEADER"]);
    expect(inlet.arrivals).toMatchObject([{ bytes: Buffer.from("this is not HL7"), fault: { code: "HL7_NO_HEADER" } }]);
  });

  test("that is refused is not handed in, and the refusal is recorded", async () => {
    const inlet = good();
    await codesOf(inlet, message({ processing: "D" }));
    expect(inlet).toMatchObject({ arrivals: [], refusals: [{ code: "HL7_WRONG_PROCESSING_ID", at: "MSH-11" }] });
  });

  test("of a batch is answered by itself, in order", async () => {
    const inlet = inletWith((arrival) =>
      arrival.controlId === "2" ? { faults: [{ code: "HL7_BAD_VALUE", at: "PID-7" }] } : {},
    );
    const batch = `BHS|^~\\&|PAS\r${message({ id: "1" })}${message({ id: "2" })}${message({ id: "3" })}BTS|3\r`;
    const replies = (await exchange(await listen(inlet), batch, 3)).map((reply) => readAcknowledgement(reply));
    expect(replies.map(({ controlId, code }) => `${controlId} ${code}`)).toEqual(["1 AA", "2 AE", "3 AA"]);
  });

  test("in a batch that is miscounted is kept with the batch, and answered AR", async () => {
    const inlet = good();
    expect(await codesOf(inlet, `BHS|^~\\&|PAS\r${message()}BTS|9\r`)).toEqual(["AR 100 HL7_BAD_BATCH"]);
    expect(inlet.arrivals).toMatchObject([{ fault: { code: "HL7_BAD_BATCH" } }]);
  });

  test("that is larger than allowed is answered AR and recorded as refused", async () => {
    const inlet = good();
    const port = await listen(inlet, { maxFrameBytes: 1_024 });
    const [reply] = await exchange(port, message() + "Z".repeat(2_000), 1);
    expect(readAcknowledgement(reply!)).toMatchObject({ code: "AR" });
    expect(inlet.refusals).toEqual([{ code: "MLLP_FRAME_TOO_LARGE" }]);
  });

  test("gets an acknowledgement of its own each time", async () => {
    const port = await listen(good());
    const client = mllpClient({
      host: "127.0.0.1",
      port,
      connections: 1,
      connectTimeoutMs: 1_000,
      ackTimeoutMs: 1_000,
      maxFrameBytes: 10_000,
    });
    closing.push(() => client.close());
    const ids = await Promise.all(
      [1, 2].map(async () => (await client.send(Buffer.from(message()))).toString().split("|")[9]),
    );
    expect(new Set(ids).size).toBe(2);
  });

  test("is not listened for under a setting nobody knows", async () => {
    await expect(listen(good(), { maxFrames: 3 })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      at: "mllp.maxFrames",
    });
  });
});
