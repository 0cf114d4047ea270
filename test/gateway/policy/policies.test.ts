// Holds the policies to their schema and to the list of actions, and the start to both: nothing begins on a doubtful policy.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemaToJson } from "@cedar-policy/cedar-wasm/nodejs";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import {
  type Action,
  actionNames,
  actions,
  domains,
  purposes,
  type Resource,
  type ResourceType,
} from "../../../src/gateway/policy/actions.ts";
import { allowedAccess } from "../../../src/gateway/policy/allowed-access.ts";
import { openPolicy } from "../../../src/gateway/policy/policy.ts";
import { roles } from "../../../src/gateway/policy/roles.ts";
import type { Question } from "../../../src/gateway/policy/types.ts";
import { ask, FOLDER, item, machine, person, policy } from "./askers.ts";

describe("the list of actions", () => {
  const answer = schemaToJson(readFileSync(join(FOLDER, "schema.cedarschema"), "utf8"));
  const declared = answer.type === "success" ? answer.json.Lockgate!.actions : {};
  const entityOf = (type: string): string =>
    type === "deadletter" ? "DeadLetter" : type[0]!.toUpperCase() + type.slice(1);
  const askable = Object.entries(declared).flatMap(([name, { appliesTo }]) =>
    appliesTo && appliesTo.resourceTypes.length > 0 ? [[name, appliesTo.resourceTypes] as const] : [],
  );

  test("is the schema's", () => {
    expect(askable.map(([name]) => name).toSorted()).toEqual([...actionNames].toSorted());
  });

  test("gives each the resource that the schema gives it", () => {
    expect(Object.fromEntries(askable)).toEqual(
      Object.fromEntries(Object.entries(actions).map(([name, type]) => [name, [entityOf(type)]])),
    );
  });
});

describe("the start", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  const openWith = (file: string, change: (text: string) => string) => {
    const folder = mkdtempSync(join(tmpdir(), "lockgate-policies-"));
    folders.push(folder);
    cpSync(FOLDER, folder, { recursive: true });
    writeFileSync(join(folder, file), change(readFileSync(join(FOLDER, file), "utf8")));
    return () => openPolicy({ folder });
  };
  const with_ = (more: string) => (text: string) => `${text}\n${more}`;
  const words = '@says("Says something.") @needs("something")';

  test.each([
    ["text that is not Cedar", with_("permit (oh no);"), /limits\.cedar/],
    [
      "an attribute that the schema lacks",
      with_(
        `@id("x") ${words} permit (principal is Lockgate::User, action, resource) when { principal.rolez.contains("operator") };`,
      ),
      /rolez/,
    ],
    [
      "an action that the schema lacks",
      with_(`@id("x") ${words} permit (principal, action == Lockgate::Action::"work.undo", resource);`),
      /work\.undo/,
    ],
    [
      "a policy that can never apply",
      with_(
        `@id("x") ${words} permit (principal, action == Lockgate::Action::"work.decide", resource is Lockgate::Saga);`,
      ),
      /\(x, /,
    ],
    ["a policy without an id", with_(`${words} permit (principal, action, resource);`), /@id/],
    ["a policy without words", with_('@id("x") @needs("something") permit (principal, action, resource);'), /@says/],
    [
      "fewer words than conditions",
      with_(`@id("x") ${words} permit (principal, action, resource) when { true } when { true };`),
      /@needs/,
    ],
    [
      "an annotation that nobody reads",
      with_(`@id("x") @obligues("later-review") ${words} permit (principal, action, resource);`),
      /obligues/,
    ],
    [
      "an obligation that nobody keeps",
      with_(`@id("x") @obliges("tell-nobody") ${words} permit (principal, action, resource);`),
      /obliges/,
    ],
    [
      "an id that another policy has",
      with_(`@id("own-proposal") ${words} forbid (principal, action, resource);`),
      /own-proposal/,
    ],
    ["a template", with_(`@id("x") ${words} permit (principal == ?principal, action, resource);`), /template/],
  ])("stops at %s", (_what, change, reason) => {
    const open = openWith("limits.cedar", change);
    expect(open).toThrow(expect.objectContaining({ code: "POLICY_INVALID" }));
    expect(open).toThrow(reason);
  });

  test("stops at a schema that is none", () => {
    expect(openWith("schema.cedarschema", () => "namespace {")).toThrow(
      expect.objectContaining({ code: "POLICY_INVALID" }),
    );
  });

  test("stops where there is no folder", () => {
    expect(() => openPolicy({ folder: "resources/nowhere" })).toThrow(
      expect.objectContaining({ code: "POLICY_INVALID" }),
    );
  });
});

describe("a decision", () => {
  test("from memory is the one that the policies give", () => {
    const some = <Value>(values: readonly Value[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });
    const id = fc.constantFrom("trust:anna", "trust:bob");
    const person_ = fc.record(
      {
        roles: some(roles),
        scopes: some(["lockgate", "work", ...actionNames]),
        assuranceLevel: fc.constantFrom(1, 2, 3),
      },
      { requiredKeys: ["roles", "scopes"] },
    );
    const principal = fc.oneof(
      fc.tuple(id, person_).map(([who, rest]) => ({ kind: "user", id: who, ...rest }) as Question["principal"]),
      fc
        .tuple(id, some(actionNames), some(purposes))
        .map(
          ([who, scopes, of]) =>
            ({ kind: "client", id: who, roles: [], scopes, purposes: of }) as Question["principal"],
        ),
    );
    const ids = fc.uniqueArray(id, { maxLength: 2 });
    const resourceOf = (type: ResourceType): fc.Arbitrary<Resource> => {
      if (type === "workQueue" || type === "codeMap")
        return fc.constantFrom(...domains).map((domain) => ({ type, domain }));
      if (type === "workItem")
        return fc
          .tuple(fc.constantFrom(...domains), ids, ids)
          .map(([domain, proposers, chosenBy]) => ({ type, domain, proposers, chosenBy }));
      if (type === "access") return fc.option(id, { nil: undefined }).map((subject) => ({ type, subject }));
      if (type === "change") return fc.boolean().map((own) => ({ type, own }));
      if (type === "export") return fc.boolean().map((personal) => ({ type, personal }));
      return fc.constant({ type } as Resource);
    };
    const question = fc.constantFrom(...actionNames).chain((action) =>
      fc.record({
        principal,
        action: fc.constant<Action>(action),
        resource: resourceOf(actions[action]),
        context: fc.record(
          { purpose: fc.constantFrom(...purposes), reason: fc.constant("a reason in words") },
          { requiredKeys: [] },
        ),
      }),
    );
    fc.assert(
      fc.property(fc.array(question, { maxLength: 12 }), (questions) => {
        for (const one of questions) {
          const explained = policy.explain(one);
          const decided = policy.decide(one);
          expect(decided.allowed).toBe(explained.allowed);
          expect(decided.allowed).toBe(explained.permits.length > 0 && explained.forbids.length === 0);
        }
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  test("is refused for a resource that the action is not about", () => {
    expect(() => policy.decide(ask(person("operator"), "work.decide", { type: "saga" }))).toThrow(
      expect.objectContaining({ code: "REQUEST_INVALID" }),
    );
  });

  test.each(["work.undo", "toString", "__proto__"])("is refused for %s, which is no action", (action) => {
    expect(() => policy.decide(ask(person("operator"), action as Action, { type: "saga" }))).toThrow(
      expect.objectContaining({ code: "REQUEST_INVALID" }),
    );
  });

  test("is never made on an attribute of another shape", () => {
    const odd = { ...item("demographics"), proposers: undefined } as unknown as Resource;
    expect(() => policy.decide(ask(person("approver"), "work.decide", odd))).toThrow();
    const level = { ...person("approver"), assuranceLevel: "2" as unknown as 2 };
    expect(() => policy.decide(ask(level, "work.decide", item("demographics")))).toThrow();
  });

  test("cannot be changed by whoever gets it", () => {
    const decision = policy.decide(ask(person("operator"), "channels.read", { type: "channel" }));
    expect(() => (allowedAccess(decision).roles as string[]).push("administrator")).toThrow(TypeError);
  });

  test("becomes an access, or the error that the wire answers with", () => {
    const revealed = policy.decide(ask(machine("persons.read"), "persons.read", { type: "person" }, "direct-care"));
    expect(allowedAccess(revealed)).toEqual({
      action: "persons.read",
      roles: [],
      scopes: ["persons.read"],
      purpose: "direct-care",
    });
    const refused = policy.decide(ask(person("finance"), "channels.pause", { type: "channel" }));
    expect(() => allowedAccess(refused)).toThrow(expect.objectContaining({ code: "ACCESS_REFUSED" }));
  });
});

describe("an explanation", () => {
  test("names the policies that permit, and what is owed", () => {
    const told = policy.explain(
      ask(person("steward"), "export.run", { type: "export", personal: true }, "administration"),
    );
    expect(told).toMatchObject({
      allowed: true,
      obligations: ["later-review"],
      permits: [{ id: "export-persons" }],
      forbids: [],
      nearest: [],
    });
  });

  test("names the policies that forbid although others permit, with what lifts them", () => {
    const told = policy.explain(
      ask(person("approver"), "work.decide", item("demographics", { proposers: ["trust:anna"] })),
    );
    expect(told).toMatchObject({
      allowed: false,
      permits: [{ id: "demographics-work" }],
      forbids: [{ id: "own-proposal", needs: ["somebody else than the proposer"] }],
    });
  });

  test("names the nearest policy and its one unmet condition in words", () => {
    const told = policy.explain(ask(person("auditor"), "persons.unlink", { type: "person" }));
    expect(told.nearest).toEqual([expect.objectContaining({ id: "steward-unlink", unmet: ["role steward"] })]);
    const second = policy.explain(ask(person("second-approver"), "work.decide", item("demographics")));
    expect(second.nearest.map(({ unmet }) => unmet)).toContainEqual(["somebody else's first choice, to decide"]);
  });

  test("names nobody near where no policy is about such an asker", () => {
    const told = policy.explain(ask(machine("persons.unlink"), "persons.unlink", { type: "person" }));
    expect(told).toMatchObject({ allowed: false, permits: [], nearest: [], forbids: [{ id: "people-only" }] });
  });
});
