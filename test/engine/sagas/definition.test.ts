// A definition is checked before it runs, and can be looked at as a picture.

import { describe, expect, test } from "vitest";
import { defineSaga, diagramOf, END } from "#engine/sagas";
import { event, orders, placed, result, rig } from "./saga-rig.ts";

const run = () => result(1);

describe("a definition", () => {
  test.each([
    ["without a step", () => defineSaga(orders()).end()],
    ["with two steps of one name", () => defineSaga(orders()).step("a", { run }).step("a", { run }).end()],
    ["with a step called end", () => defineSaga(orders()).step("end", { run }).end()],
    ["with a slash in a name", () => defineSaga(orders()).step("a/b", { run }).end()],
    [
      "with a way forwards",
      () =>
        defineSaga(orders())
          .step("a", { run, ways: { on: "b" } })
          .step("b", { run })
          .end(),
    ],
    [
      "with a way to nowhere",
      () =>
        defineSaga(orders())
          .step("a", { run, ways: { on: "c" } })
          .end(),
    ],
  ])("%s is refused", (_, define) => {
    expect(define).toThrow(TypeError);
  });

  test("may go back to the step itself, to one before it, or to the end", () => {
    const ways = { self: "b", back: "a", out: END };
    expect(defineSaga(orders()).step("a", { run }).step("b", { run, ways }).end().steps.length).toBe(2);
  });
});

/** The lines of a Mermaid flowchart that these diagrams are made of; no node is called by a word that Mermaid keeps. */
const lines: readonly RegExp[] = [
  /^flowchart TD$/,
  /^ {2}[a-z]+\d*(\[|\[\[|\(\[|\{|\(\()"[^"]+"(\]|\]\]|\]\)|\}|\)\))$/,
  /^ {2}begin\(\("begin"\)\) --> s0$/,
  /^ {2}[a-z]+\d* (-->|-\.->)(\|"[^"]+"\|)? [a-z]+\d*$/,
  /^ {2}class [a-z]+\d* (done|now|undone)$/,
  /^ {2}classDef (done|now|undone) [a-z-]+:[^ ]+$/,
];

describe("a diagram", () => {
  const nodes = rig();
  const saga = defineSaga(orders())
    .step("weigh", { reads: true, run })
    .step("gift", { run, when: ({ results }) => results.weigh === 2 })
    .parallel("both", { left: { run }, right: { run } })
    .wait("paid", { event: event("order.paid"), withinMs: () => 60_000, ways: { late: END } })
    .ask("approval", { ask: async () => Promise.reject(new Error("unused")), ways: { again: "weigh" } })
    .end();

  test("of a definition is a Mermaid flowchart of its steps and ways", () => {
    const text = diagramOf(saga);
    for (const line of text.split("\n"))
      expect(
        lines.some((known) => known.test(line)),
        line,
      ).toBe(true);
    expect(text).not.toMatch(/\bend\b(?!")/);
    expect(text.split("\n")).toEqual(
      expect.arrayContaining([
        '  s2[["both: left, right"]]',
        '  s3(["paid"])',
        '  s3 -->|"late"| finish',
        '  s4{"approval"}',
        '  s4 -->|"again"| s0',
        '  s0 -.->|"not needed"| s2',
      ]),
    );
    expect(text).toMatchSnapshot();
  });

  test("of an instance marks what is done and where it stands", async () => {
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const instance = await nodes.reached("a", "waiting");
    const text = diagramOf(saga, instance);
    for (const line of text.split("\n"))
      expect(
        lines.some((known) => known.test(line)),
        line,
      ).toBe(true);
    expect(text.split("\n").filter((line) => line.startsWith("  class "))).toEqual([
      "  class s0 done",
      "  class s2 done",
      "  class s3 now",
    ]);
    await node.sagas.cancel(instance.id, "olga");
    await nodes.reached("a", "cancelled");
  });
});
