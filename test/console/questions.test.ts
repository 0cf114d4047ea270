// Questions about access: an address asks exactly what its form shows, and a link about somebody what goes with their roles.

import { describe, expect, it } from "vitest";
import { askedBy, askedOf, type Form, formOf, questionOf } from "../../console/src/pages/platform/question.ts";
import { searches } from "../../console/src/searches.ts";

const ada = { id: "demo:ada", roles: ["auditor"] };
const full: Form = {
  who: "demo:jane",
  roles: ["approver", "steward"],
  action: "work.decide",
  purpose: "none",
  domain: "finance",
  item: "01890a5d-ac96-774b-bcce-b302099a8057",
  withReason: true,
  secondFactor: false,
};

describe("a question about access", () => {
  it.each<[string, Form]>([
    ["all that can be said", full],
    ["nothing more than who", { ...formOf({}, ada), who: "demo:jane" }],
  ])("comes back from its address with %s", (_, form) => {
    expect(formOf(searches.access(askedBy(form)), ada)).toEqual(form);
  });

  it.each([
    ["workItem", { domain: "finance", item: full.item }],
    ["workQueue", { domain: "finance" }],
    ["platform", {}],
  ])("about a %s says of the work what belongs to it, and no purpose where none is given", (about, more) => {
    const { who, roles, action, withReason, secondFactor } = full;
    expect(questionOf(full, about)).toEqual({ who, roles, action, withReason, secondFactor, ...more });
  });

  it.each([
    ["approver", "administration", "demographics"],
    ["finance", "finance", "finance"],
    ["supply", "administration", "supply"],
    ["operator", "administration", "operations"],
    ["clinical-safety-officer", "safety-review", "safety"],
  ])("of somebody with the role %s is asked for %s and for work of %s", (role, purpose, domain) => {
    const asked = searches.access(askedOf({ id: "demo:somebody", roles: [role] }));
    expect(formOf(asked, ada)).toMatchObject({ who: "demo:somebody", roles: [], purpose, domain });
  });

  it("of the audit keeps whom and what it asks of in its address, and of a patient nothing", () => {
    const asked = { show: "person", user: "demo:olive", what: "did", object: "work." };
    expect(searches.audit({ ...asked, patient: "RXX:1" })).toEqual(asked);
  });
});
