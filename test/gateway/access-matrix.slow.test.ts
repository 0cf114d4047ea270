// Who may do what, over HTTP: every role and every machine at every operation, for every purpose, is refused exactly where the
// policies refuse it.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWork } from "#engine/work";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import {
  type Action,
  actionNames,
  actions,
  type Purpose,
  purposes,
  type Resource,
} from "../../src/gateway/policy/actions.ts";
import { openPolicy } from "../../src/gateway/policy/policy.ts";
import { type Role, roles } from "../../src/gateway/policy/roles.ts";
import { refusals } from "../../src/gateway/policy/types.ts";
import { newItem } from "../engine/work/desk.ts";
import { type Site, startSite } from "../journeys/platform-rig.ts";
import { textOf } from "./answers.ts";
import { exampleOf, guarded, pathOf } from "./contracts/requests.ts";

const policy = openPolicy({ folder: join(import.meta.dirname, "../../resources/policies") });

/** One way of asking for an operation, and the actions of which one is enough for it. */
type Way = {
  readonly actions: readonly Action[];
  readonly path?: Readonly<Record<string, string>>;
  readonly body?: object;
};
const WAYS: Readonly<Record<string, readonly Way[]>> = {
  setChannelState: [
    { actions: ["channels.pause"], body: { state: "paused" } },
    { actions: ["channels.resume"], body: { state: "started" } },
  ],
  steerSaga: [
    { actions: ["sagas.pause"], path: { deed: "pause" } },
    { actions: ["sagas.pause"], path: { deed: "resume" } },
    { actions: ["sagas.cancel"], path: { deed: "cancel" } },
    { actions: ["sagas.retry"], path: { deed: "retry" } },
  ],
};

/** What is asked about: an item of demographics that nobody has chosen on, somebody else's change, somebody else's access. */
const resourceOf = (action: Action, body: unknown, oneself: string | undefined): Resource => {
  const type = actions[action];
  switch (type) {
    case "workQueue":
      return { type, domain: "demographics" };
    case "codeMap":
      return { type, domain: "supply" };
    case "workItem":
      return { type, domain: "demographics", proposers: [], chosenBy: [] };
    case "change":
      return { type, own: false };
    case "export":
      return { type, personal: false };
    case "access": {
      const { actor, who } = (body ?? {}) as { readonly actor?: string; readonly who?: string };
      const subject = action === "access.explain" ? (who ?? oneself) : actor;
      return subject === undefined ? { type } : { type, subject };
    }
    default:
      return { type } as Resource;
  }
};

describe("every operation", () => {
  let site: Site;
  let item: string;
  let group: string;
  beforeAll(async () => {
    // Every operation for every purpose is more at once than anybody is allowed.
    site = await startSite("silent", {
      throttle: { ops: { perSecond: 1_000, burst: 10_000 }, identity: { perSecond: 1_000, burst: 10_000 } },
    });
    item = newId();
    const work = openWork({ db: site.db, clock: systemClock } as unknown as Parameters<typeof openWork>[0]);
    await site.db.transaction((tx) => work.open(tx, item, newItem({ domain: "demographics" })));
    const cause = { domain: "demographics", queue: "approvals", reason: "RC-TEST-001", title: "A change" };
    group = (await work.groups.preview({ ...cause, deed: "claim", targets: [] }, "test:nobody")).id;
  }, 60_000);
  afterAll(() => site?.close());

  test.each(roles.map((role) => [role]))(
    "refuses the role %s exactly where the policies do",
    async (role: Role) => {
      const odd: unknown[] = [];
      const seen = { refused: 0, let: 0 };
      for (const operation of guarded)
        for (const { actions: asking, path, body } of WAYS[operation.id] ?? [{ actions: operation.actions }])
          for (const purpose of [undefined, ...purposes]) {
            const asked = operation.id === "listWork" ? { domain: "demographics" } : (body ?? exampleOf(operation));
            const answer = await fetch(`${site.http}${pathOf(operation, { id: item, group, ...path })}`, {
              method: operation.method,
              headers: await headersOf(role, purpose, asked),
              ...(asked === undefined ? {} : { body: JSON.stringify(asked) }),
            });
            const code = codeIn(await textOf(answer));
            const decisions = asking.map((action) =>
              policy.decide({
                principal: { kind: "user", id: `test:${role}`, roles: [role], scopes: ["lockgate"], assuranceLevel: 2 },
                action,
                resource: resourceOf(action, asked, operation.id === "listQuestions" ? `test:${role}` : undefined),
                context: { reason: "a reason in words", ...(purpose === undefined ? {} : { purpose }) },
              }),
            );
            const expected = decisions.find(({ allowed }) => allowed) ?? decisions[0]!;
            const isRefusal = (refusals as readonly unknown[]).includes(code);
            const isAsExpected = expected.allowed ? !isRefusal : code === expected.refusal;
            seen[expected.allowed ? "let" : "refused"] += 1;
            if (!isAsExpected || answer.status === 500)
              odd.push([operation.id, path, purpose, answer.status, code, expected.allowed]);
          }
      expect(odd).toEqual([]);
      expect(seen.refused).toBeGreaterThan(100);
    },
    300_000,
  );

  const MACHINES: readonly (readonly [string, (own: readonly Action[]) => readonly Action[]])[] = [
    ["no scope at all", () => []],
    ["the scopes that the operation asks for", (own) => own],
    ["every scope but those", (own) => actionNames.filter((one) => !own.includes(one))],
  ];
  test.each(MACHINES)(
    "refuses a machine of %s exactly where the policies do",
    async (_, scopesFor) => {
      const odd: unknown[] = [];
      const seen = { refused: 0, let: 0 };
      for (const operation of guarded)
        for (const { actions: asking, path, body } of WAYS[operation.id] ?? [{ actions: operation.actions }])
          for (const purpose of [undefined, "administration", "audit"] as const) {
            const scopes = scopesFor(asking);
            const asked = operation.id === "listWork" ? { domain: "demographics" } : (body ?? exampleOf(operation));
            const answer = await fetch(`${site.http}${pathOf(operation, { id: item, group, ...path })}`, {
              method: operation.method,
              headers: told(await site.people.machineTokenOf(scopes), purpose, asked),
              ...(asked === undefined ? {} : { body: JSON.stringify(asked) }),
            });
            const code = codeIn(await textOf(answer));
            const isAllowed = asking.some(
              (action) =>
                policy.decide({
                  principal: { kind: "client", id: "test:robot", roles: [], scopes, purposes: ["administration"] },
                  action,
                  resource: resourceOf(action, asked, undefined),
                  context: { reason: "a reason in words", ...(purpose === undefined ? {} : { purpose }) },
                }).allowed,
            );
            const isRefusal = (refusals as readonly unknown[]).includes(code);
            seen[isAllowed ? "let" : "refused"] += 1;
            if (isAllowed === isRefusal || answer.status === 500)
              odd.push([operation.id, path, purpose, answer.status, code]);
          }
      expect(odd).toEqual([]);
      expect(seen.refused).toBeGreaterThan(50);
    },
    300_000,
  );

  const headersOf = async (role: Role, purpose: Purpose | undefined, body: unknown) =>
    told(await site.people.tokenOf({ name: role, roles: [role] }), purpose, body);
  const told = (token: string, purpose: Purpose | undefined, body: unknown): Record<string, string> => ({
    authorization: `Bearer ${token}`,
    "access-reason": "a reason in words",
    ...(purpose === undefined ? {} : { "purpose-of-use": purpose }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  });
});

function codeIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly code?: unknown }).code;
  } catch {
    return undefined;
  }
}
