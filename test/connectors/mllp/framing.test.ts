// The MLLP framing: every split of every sequence of messages, and the bytes that are no frame.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FrameReader, frame, frameReader } from "#connectors/mllp";
import { growth, NEAR_LINEAR } from "../../growth.ts";

const VT = "\x0b";
const END = "\x1c\r";

function read(reader: FrameReader, ...chunks: string[]): string[] {
  return chunks.flatMap((chunk) => reader.push(Buffer.from(chunk, "latin1")).map((bytes) => bytes.toString("latin1")));
}

/** Bytes rich in the framing's own, cut where they could not be framed. */
const content = fc
  .array(fc.oneof(fc.constantFrom(0x0b, 0x1c, 0x0d, 0x0a, 0x41), fc.nat(255)), { maxLength: 60 })
  .map((bytes) => Buffer.from(Buffer.from(bytes).toString("latin1").replaceAll(END, "\x1c"), "latin1"));
const gap = fc.constantFrom("", "\r", "\n", "\r\n", "\n\n\r");

function cut(wire: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (wire.length + 1)), wire.length].sort((a, b) => a - b);
  return at.slice(1).map((till, i) => wire.subarray(at[i], till));
}

describe("the frame reader", () => {
  it("gives the same frames for any split of any sequence of messages", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(content, gap), { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (sent, places) => {
          const messages = sent.map(([bytes]) => bytes).filter((bytes) => bytes.indexOf(END, "latin1") === -1);
          const gaps = sent.map(([, between]) => Buffer.from(between));
          const wire = Buffer.concat(messages.flatMap((bytes, i) => [gaps[i] ?? Buffer.alloc(0), frame(bytes)]));
          const reader = frameReader({ maxFrameBytes: 60 });
          expect(cut(wire, places).flatMap((chunk) => reader.push(chunk))).toEqual(messages);
          expect([reader.midFrame, reader.bufferedBytes, reader.fault]).toEqual([false, 0, undefined]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("gives the frames before a fault and the same fault for any split", () => {
    fc.assert(
      fc.property(
        fc.array(content, { maxLength: 4 }),
        fc.constantFrom("X", `${VT}${"x".repeat(61)}`),
        fc.array(fc.nat()),
        (sent, bad, places) => {
          const messages = sent.filter((bytes) => bytes.indexOf(END, "latin1") === -1);
          const reader = frameReader({ maxFrameBytes: 60 });
          const got: Buffer[] = [];
          for (const chunk of cut(Buffer.concat([...messages.map(frame), Buffer.from(bad)]), places)) {
            if (!reader.fault) {
              try {
                got.push(...reader.push(chunk));
              } catch (thrown) {
                expect(thrown).toBe(reader.fault);
              }
            }
          }
          expect(got).toEqual(messages);
          expect(reader.fault?.code).toBe(bad === "X" ? "MLLP_BAD_FRAME" : "MLLP_FRAME_TOO_LARGE");
        },
      ),
    );
  });

  it.each([
    { name: "one frame in one chunk", chunks: [`${VT}MSH|${END}`], frames: ["MSH|"] },
    { name: "several frames in one chunk", chunks: [`${VT}a${END}${VT}b${END}${VT}c${END}`], frames: ["a", "b", "c"] },
    { name: "a frame cut at every byte", chunks: [...`${VT}ab${END}`], frames: ["ab"] },
    { name: "the end bytes in two chunks", chunks: [`${VT}a\x1c`, "\r"], frames: ["a"] },
    {
      name: "the end bytes in two chunks and a next frame",
      chunks: [`${VT}a\x1c`, `\r${VT}b${END}`],
      frames: ["a", "b"],
    },
    { name: "0x1C at a chunk's end that ends nothing", chunks: [`${VT}a\x1c`, `b${END}`], frames: ["a\x1cb"] },
    { name: "0x1C before the end bytes, cut after each", chunks: [`${VT}a\x1c`, "\x1c", "\r"], frames: ["a\x1c"] },
    { name: "0x0B within a frame", chunks: [`${VT}a${VT}b${END}`], frames: [`a${VT}b`] },
    {
      name: "CR and LF before, between and after frames",
      chunks: [`\r\n${VT}a${END}\n`, `\r${VT}b${END}\r\n`],
      frames: ["a", "b"],
    },
    { name: "an empty frame", chunks: [VT, END], frames: [""] },
    { name: "empty chunks", chunks: ["", VT, "", `a${END}`, ""], frames: ["a"] },
  ])("reads $name", ({ chunks, frames }) => {
    expect(read(frameReader({ maxFrameBytes: 10 }), ...chunks)).toEqual(frames);
  });

  it.each([
    { name: "a byte before the first frame", chunks: [`M${VT}a${END}`] },
    { name: "a byte between frames", chunks: [`${VT}a${END}`, ` ${VT}b${END}`] },
    { name: "end bytes without a start", chunks: ["\x1c\r"] },
  ])("refuses $name as MLLP_BAD_FRAME", ({ chunks }) => {
    expect(() => read(frameReader({ maxFrameBytes: 10 }), ...chunks)).toThrow(
      expect.objectContaining({ code: "MLLP_BAD_FRAME" }),
    );
  });

  it("takes content of exactly the limit and refuses one byte more while it arrives", () => {
    const reader = frameReader({ maxFrameBytes: 4 });
    expect(read(reader, VT, "abc", "d\x1c", "\r")).toEqual(["abcd"]);
    expect(read(reader, `${VT}abcd${END}`)).toEqual(["abcd"]);
    expect(read(reader, VT, "abcd")).toEqual([]);
    expect(reader.bufferedBytes).toBe(4);
    expect(() => read(reader, "e")).toThrow(expect.objectContaining({ code: "MLLP_FRAME_TOO_LARGE" }));
    expect([reader.midFrame, reader.bufferedBytes]).toEqual([false, 0]);
    expect(() => read(reader, `${VT}a${END}`)).toThrow(expect.objectContaining({ code: "MLLP_FRAME_TOO_LARGE" }));
  });

  it("refuses a complete frame over the limit", () => {
    expect(() => read(frameReader({ maxFrameBytes: 4 }), `${VT}abcde${END}`)).toThrow(
      expect.objectContaining({ code: "MLLP_FRAME_TOO_LARGE" }),
    );
  });

  it("gives a frame within one chunk as a view of it", () => {
    const chunk = Buffer.from(`${VT}abc${END}`);
    expect(frameReader({ maxFrameBytes: 10 }).push(chunk)[0]?.buffer).toBe(chunk.buffer);
  });

  it("gives a frame of several chunks that later frames do not overwrite", () => {
    const reader = frameReader({ maxFrameBytes: 10 });
    const [first] = [VT, "abc", END].flatMap((chunk) => reader.push(Buffer.from(chunk)));
    read(reader, VT, "xyz", END);
    expect(first?.toString()).toBe("abc");
  });

  it("reads 8 MB in 1 kB chunks in time linear in its size", () => {
    const readAll = (megabytes: number): void => {
      const reader = frameReader({ maxFrameBytes: 32_000_000 });
      const chunk = Buffer.alloc(1_000, "x");
      reader.push(Buffer.from(VT));
      for (let i = 0; i < megabytes * 1_000; i++) reader.push(chunk);
      const [bytes] = reader.push(Buffer.from(END));
      expect(bytes?.length).toBe(megabytes * 1_000_000);
    };
    expect(growth(8, readAll)).toBeLessThan(NEAR_LINEAR);
  });
});

describe("frame", () => {
  it("puts the content between 0x0B and 0x1C 0x0D", () => {
    expect(frame(Buffer.from("MSH|")).toString("latin1")).toBe(`${VT}MSH|${END}`);
  });

  it.each([`a${END}`, `a${END}${VT}b`, END])("refuses content that holds the end bytes, case %#", (text) => {
    expect(() => frame(Buffer.from(text))).toThrow(expect.objectContaining({ code: "MLLP_UNFRAMEABLE" }));
  });
});
