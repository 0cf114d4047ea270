// What operations, measures, the test bench and questions of access tell over HTTP of a platform at work.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Site, startSite } from "./platform-rig.ts";

const operator = { name: "olga", roles: ["operator"] } as const;

describe("the platform at a glance", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());
  const http = (): string => `http://127.0.0.1:${site.mllpPort - 1}/ops/v1`;
  async function ask(path: string, who: { name: string; roles: readonly string[] }, body?: unknown) {
    const answer = await fetch(`${http()}${path}`, {
      method: body ? "POST" : "GET",
      headers: {
        ...(await site.people.headersOf({ ...who, roles: [...who.roles] } as never)),
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, never> };
  }

  test("tells each flow, the node that works it with its leases, and the breaker before the ERP", async () => {
    await expect
      .poll(async () => (await ask("/metrics/operations", operator)).body, { timeout: 15_000 })
      .toMatchObject({
        flows: [
          {
            channel: "adt",
            state: "started",
            hour: { received: 0, out: 0, failed: 0 },
            lastAt: null,
            sla: { withinMs: 30_000, state: "met", breachesAt: null, late: 0 },
            // Nothing has ever come.
            silence: { isSilent: true },
          },
          { channel: "requisitions", state: "started", sla: { state: "met" }, silence: { isSilent: true } },
        ],
        dependencies: [
          { name: "nav", state: "quiet", breaker: "closed" },
          { name: "nav-supplies", state: "quiet", breaker: "closed" },
          { name: "pds", state: "quiet", breaker: "closed" },
        ],
        nodes: [{ roles: ["channels", "services", "audit", "gateway"], isGone: false, partitions: expect.any(Number) }],
        work: [],
      });
    const { nodes } = (await ask("/metrics/operations", operator)).body as unknown as {
      nodes: { partitions: number }[];
    };
    expect(nodes[0]!.partitions).toBeGreaterThan(0);
  });

  test("a message that is tried on a channel leaves nothing but a line in the audit", async () => {
    const message = [
      "MSH|^~\\&|PAS|RXX|LOCKGATE|RXX|20260105093000||ADT^A31^ADT_A05|TRY1|P|2.4",
      "EVN|A31|20260105093000",
      "PID|1||9990000018^^^NHS^NH~T100^^^RXX^PI||TRIED^TESSA||19800102|2",
      "PV1|1|N",
    ].join("\n");
    const before = await site.db.query("select 1 from channels.intake");
    const { status, body } = await ask("/channels/adt/try", operator, { message });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      isAccepted: true,
      isOrdered: true,
      steps: ["parse", "filter", "transform", "route"].map((name) => ({ name, outcome: "ok" })),
      outgoing: [{ to: "updated", destination: "person.updated" }],
    });
    expect(await site.db.query("select 1 from channels.intake")).toHaveLength(before.length);
    const leaves = await site.db.query<{ body: string }>(
      `select body from audit.leaf where body like '%access.tried%'`,
    );
    expect(leaves).toHaveLength(1);
    expect(leaves[0]!.body).not.toContain("TRIED");
  });

  test.each([
    ["what is no message", "hello", { name: "parse", outcome: "failed" }],
    [
      "a date that is none",
      "MSH|^~\\&|PAS|RXX|L|R|20260105093000||ADT^A31^ADT_A05|T2|P|2.4\nPID|1||T1^^^RXX^PI||A^B||19801399|2\nPV1|1|N",
      { outcome: "failed" },
    ],
  ])("the bench tells at which step and by which code %s fails", async (_, message, step) => {
    const { body } = await ask("/channels/adt/try", operator, { message });
    const tried = body as unknown as { isAccepted: boolean; steps: { outcome: string; code?: string }[] };
    expect(tried.isAccepted).toBe(false);
    const failed = tried.steps.find(({ outcome }) => outcome === "failed");
    expect(failed).toMatchObject({ ...step, code: expect.stringMatching(/^[A-Z][A-Z0-9_]+$/) });
  });

  test("a channel's text is told as it was deployed", async () => {
    const { body } = await ask("/channels/adt/definition", operator);
    expect(body).toMatchObject({
      name: "adt",
      connector: "mllp",
      slaWithinMs: 30_000,
      versions: [{ file: "adt.channel.ts" }],
    });
    expect((body as unknown as { versions: { text: string }[] }).versions[0]!.text).toContain("defineChannel");
    expect(await ask("/channels/nobody/definition", operator)).toMatchObject({ status: 404 });
  });

  test.each([
    ["/metrics/operations", undefined],
    ["/metrics/series?minutes=60", undefined],
    ["/metrics/measures?days=7", undefined],
    ["/credentials", undefined],
    ["/channels/adt/definition", undefined],
    ["/channels/adt/try", { message: "MSH|" }],
  ])("%s is refused to whom the machinery is no business of", async (path, body) => {
    expect(await ask(path, { name: "sue", roles: ["supply"] }, body)).toMatchObject({ status: 403 });
  });

  test("everybody asks about themselves why they may not, and about others only who answers for it", async () => {
    const question = { action: "work.decide", domain: "demographics", secondFactor: true, withReason: false };
    const sue = { name: "sue", roles: ["supply"] };
    const own = await ask("/access/explain", sue, { ...question, who: "test:sue", roles: ["supply"] });
    expect(own).toMatchObject({ status: 200, body: { allowed: false, roles: ["supply"] } });
    const { nearest } = own.body as unknown as { nearest: { unmet: string[] }[] };
    expect(nearest.flatMap(({ unmet }) => unmet)).toContain("role approver or steward");
    expect(await ask("/access/explain", sue, { ...question, who: "test:ann", roles: ["approver"] })).toMatchObject({
      status: 403,
    });
    const auditor = { name: "ada", roles: ["auditor"] };
    expect(await ask("/access/explain", auditor, { ...question, who: "test:ann", roles: ["approver"] })).toMatchObject({
      status: 200,
      body: { allowed: true },
    });
    const whoIsHere = async (who: typeof sue) =>
      (await ask("/access/colleagues", who)).body.people as readonly { id: string }[] | undefined;
    expect(await whoIsHere(sue)).toBeUndefined();
    expect(await whoIsHere(auditor)).toContainEqual({
      id: "test:sue",
      name: expect.any(String),
      roles: ["supply"],
      seenAt: expect.stringMatching(/Z$/),
    });
    const mapping = { ...question, action: "codes.put", domain: "supply" };
    expect(await ask("/access/explain", auditor, { ...mapping, who: "test:sue", roles: ["supply"] })).toMatchObject({
      status: 200,
      body: { allowed: true },
    });
    const asLastSeen = async (who: string) => (await ask("/access/explain", auditor, { ...question, who })).body.roles;
    expect(await asLastSeen("test:sue")).toEqual(["supply"]);
    expect(await asLastSeen("test:nobody")).toEqual([]);
    expect(await ask("/access/explain", auditor, { ...question, domain: undefined, who: "test:ann" })).toMatchObject({
      status: 400,
      body: { code: "REQUEST_INVALID" },
    });
  });
});
