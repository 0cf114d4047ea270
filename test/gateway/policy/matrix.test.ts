// Who may and who may not, written down from what was asked for and not from the policies.

import { describe, expect, test } from "vitest";
import type { Action, Purpose, Resource } from "../../../src/gateway/policy/actions.ts";
import { type Role, roles } from "../../../src/gateway/policy/roles.ts";
import type { Asker, Circumstances } from "../../../src/gateway/policy/types.ts";
import { ask, item, machine, person, policy } from "./askers.ts";

const WHY = { reason: "the sender calls and asks" };
const emergency: Circumstances = { purpose: "break-glass", reason: "unconscious in the emergency department" };

type Rights = {
  readonly action: Action;
  readonly resource: Resource;
  readonly purpose?: Purpose;
  readonly may: readonly Role[];
};

/** Of each row, every role that is not named may not. */
const rights: readonly Rights[] = [
  // Operators repair; engineers replay, but what is set aside for good is the operator's.
  { action: "deadletters.replay", resource: { type: "deadletter" }, may: ["operator", "integration-engineer"] },
  { action: "deadletters.dismiss", resource: { type: "deadletter" }, may: ["operator"] },
  { action: "channels.pause", resource: { type: "channel" }, may: ["operator", "integration-engineer"] },
  { action: "sagas.cancel", resource: { type: "saga" }, may: ["operator"] },
  // The auditor reads the audit; so does the clinical safety officer, for a review and for nothing else.
  { action: "audit.search", resource: { type: "auditLog" }, purpose: "audit", may: ["auditor"] },
  {
    action: "audit.search",
    resource: { type: "auditLog" },
    purpose: "safety-review",
    may: ["clinical-safety-officer"],
  },
  { action: "audit.search", resource: { type: "auditLog" }, purpose: "administration", may: [] },
  // Access is the administrator's.
  { action: "access.administer", resource: { type: "access" }, may: ["administrator"] },
  // Persons are the steward's; nobody of the staff has direct care for a purpose.
  { action: "persons.read", resource: { type: "person" }, purpose: "administration", may: ["steward"] },
  { action: "persons.read", resource: { type: "person" }, purpose: "direct-care", may: [] },
  { action: "persons.read", resource: { type: "person" }, purpose: "finance", may: [] },
  { action: "persons.match", resource: { type: "person" }, purpose: "administration", may: ["steward"] },
  { action: "persons.unlink", resource: { type: "person" }, may: ["steward"] },
  { action: "rules.put", resource: { type: "rulePack" }, may: ["steward"] },
  // Each team decides its own.
  { action: "work.decide", resource: item("demographics"), may: ["approver", "steward"] },
  {
    action: "work.decide",
    resource: item("demographics", { chosenBy: ["trust:bob"] }),
    may: ["approver", "second-approver", "steward"],
  },
  { action: "work.decide", resource: item("finance"), may: ["finance"] },
  { action: "work.decide", resource: item("supply"), may: ["supply"] },
  { action: "work.decide", resource: item("workforce"), may: ["workforce"] },
  { action: "work.decide", resource: item("operations"), may: ["operator", "integration-engineer"] },
  { action: "work.decide", resource: item("safety"), may: ["clinical-safety-officer"] },
  { action: "work.decide", resource: item("a domain nobody knows"), may: [] },
  { action: "work.show", resource: item("finance"), purpose: "finance", may: ["finance"] },
  { action: "work.show", resource: item("finance"), purpose: "administration", may: [] },
  {
    action: "work.show",
    resource: item("demographics"),
    purpose: "administration",
    may: ["approver", "second-approver", "steward"],
  },
  // What is exported without patients in it; what is exported with them.
  { action: "export.run", resource: { type: "export", personal: false }, purpose: "audit", may: ["auditor"] },
  { action: "export.run", resource: { type: "export", personal: true }, purpose: "audit", may: [] },
  { action: "export.run", resource: { type: "export", personal: true }, purpose: "administration", may: ["steward"] },
  { action: "export.run", resource: { type: "export", personal: true }, purpose: "finance", may: [] },
  { action: "catalogue.read", resource: { type: "catalogue" }, may: roles },
];

const cases = rights.flatMap(({ may, ...right }) =>
  roles.map((role) => ({ ...right, role, allowed: may.includes(role) })),
);

test.each(cases)(
  "$role on $action of $resource for $purpose: $allowed",
  ({ role, action, resource, purpose, allowed }) => {
    const context = purpose === undefined ? {} : { purpose };
    expect(policy.decide(ask(person(role), action, resource, context)).allowed).toBe(allowed);
  },
);

const allows = (principal: Asker, action: Action, resource: Resource, context: Circumstances | Purpose = {}): boolean =>
  policy.decide(ask(principal, action, resource, context)).allowed;

describe("separation of duties", () => {
  test("whoever proposed a change does not decide on it, whatever the roles", () => {
    const all = person(...roles.filter((role) => role !== "auditor" && role !== "administrator"));
    expect(allows(all, "work.decide", item("demographics"))).toBe(true);
    expect(allows(all, "work.decide", item("demographics", { proposers: ["trust:bob", all.id] }))).toBe(false);
  });

  test("whoever chose first is not the second", () => {
    const approver = person("approver", "second-approver");
    expect(allows(approver, "work.decide", item("demographics", { chosenBy: ["trust:bob"] }))).toBe(true);
    expect(allows(approver, "work.decide", item("demographics", { chosenBy: ["trust:bob", approver.id] }))).toBe(false);
  });

  test("a second approver is never the first", () => {
    expect(allows(person("second-approver"), "work.decide", item("demographics"))).toBe(false);
  });

  test("two people of the same rights are told apart by who they are", () => {
    const proposed = item("demographics", { proposers: ["trust:anna"] });
    expect(allows(person("approver"), "work.decide", proposed)).toBe(false);
    expect(allows({ ...person("approver"), id: "trust:bob" }, "work.decide", proposed)).toBe(true);
    expect(allows(person("approver"), "work.decide", proposed)).toBe(false);
  });

  test("nobody administers their own access", () => {
    const administrator = person("administrator");
    expect(allows(administrator, "access.administer", { type: "access", subject: "trust:bob" })).toBe(true);
    expect(allows(administrator, "access.administer", { type: "access", subject: administrator.id })).toBe(false);
  });

  const patientData: readonly [Action, Resource, Circumstances][] = [
    ["persons.read", { type: "person" }, { purpose: "administration" }],
    ["persons.read", { type: "person" }, emergency],
    ["persons.match", { type: "person" }, { purpose: "administration" }],
    ["demographics.propose", { type: "person" }, { purpose: "administration" }],
    ["break-glass.use", { type: "person" }, emergency],
    ["work.show", item("demographics"), { purpose: "administration" }],
    ["message.content.reveal", { type: "message" }, { purpose: "administration", ...WHY }],
    ["export.run", { type: "export", personal: true }, { purpose: "administration" }],
  ];
  test.each(patientData)("%s is refused to auditors and administrators who hold other roles too", (...question) => {
    expect(allows(person("steward", "operator"), ...question)).toBe(true);
    expect(allows(person("steward", "operator", "auditor"), ...question)).toBe(false);
    expect(allows(person("steward", "operator", "administrator"), ...question)).toBe(false);
  });

  test.each(["journeys.read", "messages.read", "deadletters.read"] as const)(
    "%s is refused to an administrator who is an operator too",
    (action) => {
      const resource = { type: ({ j: "journey", m: "message", d: "deadletter" } as const)[action[0] as "j"] };
      expect(allows(person("operator"), action, resource, "administration")).toBe(true);
      expect(allows(person("operator", "administrator"), action, resource, "administration")).toBe(false);
    },
  );
});

describe("purpose of use", () => {
  test.each([
    ["journeys.read", { type: "journey" }],
    ["messages.read", { type: "message" }],
    ["message.content.reveal", { type: "message" }],
    ["deadletters.read", { type: "deadletter" }],
    ["work.show", item("demographics")],
    ["audit.search", { type: "auditLog" }],
    ["persons.read", { type: "person" }],
    ["persons.match", { type: "person" }],
    ["demographics.propose", { type: "person" }],
    ["demographics.follow", { type: "change", own: true }],
    ["break-glass.use", { type: "person" }],
    ["export.run", { type: "export", personal: true }],
  ] as const)("%s is refused without one, and the refusal says so, to people and machines", (action, resource) => {
    for (const asker of [person("steward", "operator"), machine(action)]) {
      const decision = policy.decide(ask(asker, action, resource as Resource, WHY));
      expect(decision).toMatchObject({ allowed: false, refusal: "PURPOSE_REQUIRED" });
    }
  });
});

describe("breaking glass", () => {
  test("reads a person and owes a record of the reason and a later review", () => {
    const decision = policy.decide(ask(person("operator"), "persons.read", { type: "person" }, emergency));
    expect(decision).toMatchObject({ allowed: true, obligations: ["reason-recorded", "later-review"] });
  });

  test.each([undefined, "", "          ", "need it"])("is refused with %j for a reason", (reason) => {
    const context: Circumstances = { purpose: "break-glass", ...(reason === undefined ? {} : { reason }) };
    expect(allows(person("operator"), "persons.read", { type: "person" }, context)).toBe(false);
    expect(allows(person("operator"), "break-glass.use", { type: "person" }, context)).toBe(false);
  });

  test("opens nothing but the reading of a person", () => {
    const all = person(...roles.filter((role) => role !== "auditor" && role !== "administrator"));
    expect(allows(all, "persons.match", { type: "person" }, emergency)).toBe(false);
    expect(allows(all, "demographics.propose", { type: "person" }, emergency)).toBe(false);
    expect(allows(all, "export.run", { type: "export", personal: true }, emergency)).toBe(false);
    expect(allows(all, "message.content.reveal", { type: "message" }, emergency)).toBe(false);
  });

  test("opens a message whole, whoever it is about, to those who repair messages, and owes the same", () => {
    const whole = { type: "message" } as const;
    const decision = policy.decide(ask(person("operator"), "message.restricted.reveal", whole, emergency));
    expect(decision).toMatchObject({ allowed: true, obligations: ["reason-recorded", "later-review"] });
    expect(allows(person("operator"), "message.restricted.reveal", whole, { ...WHY, purpose: "administration" })).toBe(
      false,
    );
    expect(allows(person("steward"), "message.restricted.reveal", whole, emergency)).toBe(false);
  });

  test.each(["finance", "supply", "workforce", "integration-engineer", "auditor", "administrator"] as const)(
    "is not for %s",
    (role) => expect(allows(person(role), "persons.read", { type: "person" }, emergency)).toBe(false),
  );

  test("is for no machine, not even one that is registered for it", () => {
    const eager: Asker = { ...machine("persons.read", "break-glass.use"), purposes: ["break-glass"] };
    expect(allows(eager, "persons.read", { type: "person" }, emergency)).toBe(false);
    expect(allows(eager, "break-glass.use", { type: "person" }, emergency)).toBe(false);
  });
});

describe("the content of a message", () => {
  const reveal = (asker: Asker, context: Circumstances) =>
    policy.decide(ask(asker, "message.content.reveal", { type: "message" }, context));

  test("is revealed to those who repair, with a reason that is recorded", () => {
    const decision = reveal(person("operator"), { purpose: "administration", ...WHY });
    expect(decision).toMatchObject({ allowed: true, obligations: ["reason-recorded"] });
    expect(reveal(person("operator"), { purpose: "administration" }).allowed).toBe(false);
  });

  test.each(["approver", "steward", "finance", "auditor", "administrator"] as const)("is not for %s", (role) => {
    expect(reveal(person(role), { purpose: "administration", ...WHY }).allowed).toBe(false);
  });
});

describe("signing in", () => {
  test("without a second factor opens the catalogue and nothing else", () => {
    const weak: Asker = { ...person(...roles), assuranceLevel: 1 };
    expect(allows(weak, "catalogue.read", { type: "catalogue" })).toBe(true);
    expect(policy.decide(ask(weak, "channels.read", { type: "channel" }))).toMatchObject({
      allowed: false,
      refusal: "SECOND_FACTOR_REQUIRED",
    });
  });

  test("of unknown strength counts as one without a second factor", () => {
    const { assuranceLevel: _, ...unknown } = person("operator");
    expect(allows(unknown, "channels.pause", { type: "channel" })).toBe(false);
  });

  test.each([
    [["work"], true],
    [["work.decide"], true],
    [["channels"], false],
    [["work.show"], false],
    [[], false],
  ])("through a client with the scopes %j, deciding: %s", (scopes, allowed) => {
    expect(allows({ ...person("approver"), scopes }, "work.decide", item("demographics"))).toBe(allowed);
  });
});

describe("a machine", () => {
  test("does what its scope names, for a purpose it is registered for", () => {
    expect(allows(machine("persons.read"), "persons.read", { type: "person" }, "direct-care")).toBe(true);
    expect(allows(machine("persons.read"), "persons.read", { type: "person" }, "safety-review")).toBe(false);
    expect(allows(machine("persons.match"), "persons.read", { type: "person" }, "direct-care")).toBe(false);
    expect(allows(machine("persons", "lockgate"), "persons.read", { type: "person" }, "direct-care")).toBe(false);
  });

  test.each([
    ["work.decide", item("demographics")],
    ["work.show", item("demographics")],
    ["message.content.reveal", { type: "message" }],
    ["deadletters.replay", { type: "deadletter" }],
    ["channels.pause", { type: "channel" }],
    ["sagas.cancel", { type: "saga" }],
    ["rules.put", { type: "rulePack" }],
    ["persons.unlink", { type: "person" }],
    ["access.administer", { type: "access" }],
  ] as const)("never does %s, and the policies forbid it outright", (action, resource) => {
    const decision = policy.decide(
      ask(machine(action), action, resource as Resource, { purpose: "administration", ...WHY }),
    );
    expect(decision).toMatchObject({ allowed: false, reasons: ["people-only"] });
  });

  test("gains nothing by a role", () => {
    const dressed: Asker = { ...machine(), roles: ["operator"] };
    expect(allows(dressed, "channels.read", { type: "channel" })).toBe(false);
  });
});

test("a person without a role sees the catalogue and nothing else", () => {
  expect(allows(person(), "catalogue.read", { type: "catalogue" })).toBe(true);
  expect(allows(person(), "channels.read", { type: "channel" })).toBe(false);
});
