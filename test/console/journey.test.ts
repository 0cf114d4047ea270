// What a journey's page works out: where the time went, the saga's picture, and the fields of a message.

import { describe, expect, it } from "vitest";
import { chartOf } from "../../console/src/pages/journeys/flowchart.ts";
import { segmentsOf } from "../../console/src/pages/journeys/segments.ts";
import { stretchesOf, totalsOf } from "../../console/src/pages/journeys/waits.ts";
import { commonActions, groupsOf } from "../../console/src/pages/work/groups.ts";

const at = (second: number): string => new Date(Date.UTC(2026, 0, 5, 9, 0, second)).toISOString();

describe("where a journey's time went", () => {
  it("counts what lies between a question and its answer as waiting for a person, and the rest as work", () => {
    const stretches = stretchesOf([
      { at: at(0), name: "received" },
      { at: at(1), name: "asked" },
      { at: at(31), name: "work.decided" },
      { at: at(33), name: "completed" },
    ]);
    expect(totalsOf(stretches)).toEqual({ work: 3_000, person: 30_000, attempt: 0 });
  });

  it("counts what comes before another attempt as waiting for it", () => {
    const stretches = stretchesOf([
      { at: at(0), name: "received" },
      { at: at(9), name: "written", attempt: 2 },
    ]);
    expect(totalsOf(stretches)).toEqual({ work: 0, person: 0, attempt: 9_000 });
  });

  it("goes on until now while a journey waits, and ends with its last step once it is complete", () => {
    const milestones = [
      { at: at(0), name: "received" },
      { at: at(1), name: "asked" },
    ];
    expect(totalsOf(stretchesOf(milestones, Date.parse(at(61)))).person).toBe(60_000);
    expect(totalsOf(stretchesOf(milestones)).person).toBe(0);
  });
});

describe("a saga's picture", () => {
  const text = `flowchart TD
  begin(("begin")) --> s0
  s0["identify"]
  s0 --> s1
  s0 -->|"unchanged"| finish
  s1{"match"}
  s1 --> s2
  s0 -.->|"not needed"| s2
  s1 -->|"link:1"| s0
  s1 -->|"link:2"| s0
  s2(["written"])
  s2 --> finish
  finish(("end"))
  classDef now fill:#fdf0c2,stroke:#a67c00
  class s1 now
  class s0 done`;

  it("has every step with its kind and where the saga stands", () => {
    expect(chartOf(text).nodes.map(({ name, kind, mark }) => [name, kind, mark])).toEqual([
      ["begin", "end", undefined],
      ["identify", "run", "done"],
      ["match", "ask", "now"],
      ["written", "wait", undefined],
      ["end", "end", undefined],
    ]);
  });

  it("has each way once, with what leads along it", () => {
    const { ways } = chartOf(text);
    expect(ways).toContainEqual({ from: "s1", to: "s0", word: "link", isSkip: false });
    expect(ways).toContainEqual({ from: "s0", to: "finish", word: "unchanged", isSkip: false });
    expect(ways).toContainEqual({ from: "s0", to: "s2", word: "not needed", isSkip: true });
    expect(ways.filter(({ word }) => word === "")).toHaveLength(4);
  });
});

describe("the fields of a message", () => {
  it("are told by their places, the separator being the first of the header", () => {
    const segments = segmentsOf("MSH|^~\\&|PAS\rPID|1||X1\r");
    expect(segments?.flatMap(({ fields }) => fields.map(({ place, value }) => `${place} ${value}`))).toEqual([
      "MSH-2 ^~\\&",
      "MSH-3 PAS",
      "PID-1 1",
      "PID-3 X1",
    ]);
    expect(segmentsOf("{}")).toBeUndefined();
  });

  it("fall apart into elements with places of their own, and nothing of them is lost", () => {
    const value = "9 Office^^A~&Mill Road^Flat 3";
    const [, pid] = segmentsOf(`MSH|^~\\&|PAS\rPID|X1|${value}\r`)!;
    const [alone, parted] = pid!.fields;
    expect(alone!.pieces).toEqual([{ text: "X1", place: "PID-1" }]);
    expect(parted!.pieces.flatMap(({ text, place }) => (place ? [`${place} ${text}`] : []))).toEqual([
      "PID-2[1].1 9 Office",
      "PID-2[1].3 A",
      "PID-2[2].1.2 Mill Road",
      "PID-2[2].2 Flat 3",
    ]);
    expect(parted!.pieces.map(({ text }) => text).join("")).toBe(value);
  });
});

describe("work by its cause", () => {
  const item = (id: string, reason: string, actions: readonly string[]) => ({
    id,
    queue: "repairs",
    reason,
    title: "The ERP refused a change",
    actions: actions.map((name) => ({ name, quorum: 1, roles: ["steward"] })),
  });

  it("offers for a whole group only what every item offers and nobody has to look at each for", () => {
    const [group, other] = groupsOf([
      item("1", "ERP_REFUSED", ["retry", "approve", "close"]),
      item("2", "ERP_REFUSED", ["retry", "approve"]),
      item("3", "RC-401", ["refuse"]),
    ]);
    expect([group?.items.length, other?.items.length]).toEqual([2, 1]);
    expect(commonActions(group!, ["steward"])).toEqual(["retry"]);
    expect(commonActions(group!, ["approver"])).toEqual([]);
  });
});
