// What a supply clerk reads: codes, order lines, and what was done and what was not when something stopped on the way.

import { describe, expect, it } from "vitest";
import { mayMapCodes } from "../../console/src/shell/permits.ts";
import { isOffered } from "../../console/src/shell/places.ts";
import { purposeOf } from "../../console/src/shell/purpose.ts";
import { codeWord, kindOf, linesWord, mapWord, soughtFor } from "../../console/src/words/codes.ts";
import { queueWord } from "../../console/src/words/deeds.ts";
import { readable, wordOf } from "../../console/src/words/fields.ts";
import { stepWord } from "../../console/src/words/milestones.ts";
import { reasonOf } from "../../console/src/words/reasons.ts";
import { sagaStepWord, sagaWord } from "../../console/src/words/sagas.ts";
import { stoppedWord } from "../../console/src/words/stopped.ts";
import { supplyLists } from "../../src/canonical/contracts/index.ts";
import type { Action, Purpose, Resource } from "../../src/gateway/policy/actions.ts";
import { type Role, roles } from "../../src/gateway/policy/roles.ts";
import { requisitionSaga, type SupplyOptions } from "../../src/services/supply/index.ts";
import { ask, person, policy } from "../gateway/policy/askers.ts";

const MAP: Resource = { type: "codeMap", domain: "supply" };

describe("a supply clerk's words", () => {
  it.each(supplyLists)("call codes of the map %s by words of their own", (map) => {
    expect(kindOf(map)).toMatchObject({ one: map, a: expect.stringMatching(/^an? /) });
    expect(mapWord(map).toLowerCase()).toBe(kindOf(map).several);
  });

  it("call codes of a map that is not known to them by its name", () => {
    expect([kindOf("cost-centre").a, mapWord("cost-centre")]).toEqual(["a cost-centre", "Cost-centre codes"]);
  });

  it("tell a code with what its source calls it, and lines by how many were counted", () => {
    expect([codeWord("ALDW-7", "Aldwych Surgical"), codeWord("ALDW-7", undefined)]).toEqual([
      "ALDW-7 (Aldwych Surgical)",
      "ALDW-7",
    ]);
    expect([linesWord(1), linesWord(40), linesWord(1_000, true)]).toEqual([
      "1 line",
      "40 lines",
      "more than 1,000 lines",
    ]);
  });

  it.each([
    ["Aldwych Surgical", ["Aldwych Surgical", "Aldwych"]],
    ["  Aldwych ", ["Aldwych"]],
    ["A. Bandage", ["A. Bandage"]],
    ["", []],
    [null, []],
  ])("look for %j in the ERP's list by what is narrowest first", (text, sought) => {
    expect(soughtFor(text)).toEqual(sought);
  });

  it.each(["SU-100", "ERP_REFUSED", "CODE_TARGET_UNFIT"])("say what %s means", (code) => {
    expect(reasonOf(code)).toMatch(/\.$/);
  });

  it("name queues, fields and what happened to an order line", () => {
    expect([queueWord("supply-codes"), queueWord("supply"), queueWord("match-steward")]).toEqual([
      "Codes to map",
      "Refused order lines",
      "Match steward",
    ]);
    expect([wordOf("location"), wordOf("neededBy"), wordOf("quantity")]).toEqual([
      "Deliver to",
      "Needed by",
      "Quantity",
    ]);
    expect([readable("neededBy", "2026-12-01"), readable("quantity", 12)]).toEqual(["1 December 2026", "12"]);
    for (const name of ["mapped", "asked", "completed"]) expect(stepWord(name)).not.toBe(name);
  });

  it("name each step of a requisition, and leave those of others as they are", () => {
    const { steps: all } = requisitionSaga({ clock: {}, codes: {}, writeback: {} } as unknown as SupplyOptions);
    const steps = all.map(({ name }) => name);
    expect(steps.length).toBeGreaterThan(4);
    for (const step of steps) expect(sagaStepWord("supply.requisition", step)).toMatch(/^[A-Z]/);
    expect(new Set(steps.map((step) => sagaStepWord("supply.requisition", step))).size).toBe(steps.length);
    expect([sagaStepWord("demographics.change", "write"), sagaWord("demographics.change")]).toEqual([
      "write",
      "demographics.change",
    ]);
  });
});

describe("what is said where mapping a code stopped on the way", () => {
  const said = (step: "map" | "choose" | "start", status: number, code = "SOME_CODE", isMapped = step !== "map") => {
    const { title, says } = stoppedWord(
      step,
      { status, code, title: "It did not work." },
      "ALDW-7",
      "V00008",
      isMapped,
    );
    return `${title}. ${says}`;
  };

  it.each([
    ["somebody else was quicker", said("map", 412), /You changed nothing, and no line was tried again/],
    ["the ERP blocks the target", said("map", 422, "CODE_TARGET_UNFIT"), /ALDW-7 is not mapped, and no line was tried/],
    ["it was refused", said("map", 403), /ALDW-7 was not mapped.*No line was tried again/],
    ["nobody answers", said("map", 0), /It is not known whether ALDW-7 was mapped.*No line was tried again/],
    ["it fails inside", said("map", 500), /It is not known whether ALDW-7 was mapped.*No line was tried again/],
    ["the lines cannot be chosen", said("choose", 500), /The lines were not tried again. The code is mapped\./],
    ["their start is refused", said("start", 409), /The lines were not tried again. The code is mapped\./],
    [
      "their start is not answered",
      said("start", 0),
      /not known whether the lines are tried again. The code is mapped\./,
    ],
  ])("tells what was done and what was not where %s", (_, words, expected) => {
    expect(words).toMatch(expected);
  });

  it("never says of a code that it is mapped where that failed", () => {
    for (const status of [0, 400, 403, 409, 412, 422, 500])
      expect(said("map", status)).not.toContain("The code is mapped");
  });
});

describe("what is offered by role", () => {
  const may = (role: Role, action: Action, resource: Resource): boolean =>
    policy.decide(ask(person(role), action, resource, purposeOf([role]) as Purpose)).allowed;

  it.each(roles)("offers %s what the policies permit, and nothing else", (role) => {
    const [reads, follows] = ["/codes/supplier", "/journeys/1"].map((address) => isOffered([role], address));
    expect({ reads, follows, maps: mayMapCodes([role]) }).toEqual({
      reads: may(role, "codes.read", MAP),
      follows: may(role, "journeys.read", { type: "journey" }),
      maps: may(role, "codes.put", MAP),
    });
  });

  it("offers whoever has several roles what any of them may", () => {
    expect([isOffered(["supply"], "/journeys/1"), isOffered(["supply", "operator"], "/journeys/1")]).toEqual([
      false,
      true,
    ]);
  });
});
