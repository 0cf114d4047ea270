// Accesses as FHIR AuditEvents, held to what IHE BALP asks of each profile.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "#kernel/ids";
import { type AccessSite, openAccessSite } from "./access-site.ts";

describe("accesses as FHIR AuditEvents", () => {
  let site: AccessSite;
  beforeAll(async () => {
    site = await openAccessSite();
  });
  afterAll(() => site?.close());

  /** What BALP 1.1 asks of each profile: subtype, action, role of the client's agent, and the entities there must be. */
  const balp: Readonly<Record<string, { subtype: string; action: string; client: string; entities: string[] }>> = {
    Read: { subtype: "read", action: "R", client: "110152", entities: ["2/4"] },
    PatientRead: { subtype: "read", action: "R", client: "110152", entities: ["1/1", "2/4"] },
    Query: { subtype: "search", action: "E", client: "110153", entities: ["2/24"] },
    PatientQuery: { subtype: "search", action: "E", client: "110153", entities: ["1/1", "2/24"] },
    Update: { subtype: "update", action: "U", client: "110153", entities: ["2/4"] },
    PatientUpdate: { subtype: "update", action: "U", client: "110153", entities: ["1/1", "2/4"] },
  };
  type Event = {
    meta?: { profile: string[] };
    type: { code: string };
    subtype: { code: string }[];
    action: string;
    outcome: string;
    recorded: string;
    purposeOfEvent?: { coding: { code: string }[] }[];
    agent: {
      type: { coding: { code: string }[] };
      who: object;
      requestor: boolean;
      network?: { address: string };
      role?: { text: string }[];
    }[];
    source: { observer: object };
    entity: { what?: { reference?: string }; query?: string; type: { code: string }; role: { code: string } }[];
  };

  test("fit the profile of IHE BALP that they name", async () => {
    const id = site.known();
    const [auditor, administrator, officer] = await Promise.all([
      site.token("iris", "auditor"),
      site.token("adam", "administrator"),
      site.token("olga", "clinical-safety-officer"),
    ]);
    await site.report({ kind: "watched" });
    await site.post("/access/staff", administrator, { actor: "trust:nora" });
    const item = await site.desk.open();
    expect((await site.post(`/work/${item.id}/show`, officer, {}, "safety-review")).status).toBe(200);
    await site.look("ann", id);
    await site.look("ann", newId());
    const answer = await site.post("/access/export", auditor, {}, "audit");
    expect(answer.status).toBe(200);
    const events = answer.body.auditEvents as Event[];
    const named = new Set<string>();
    for (const event of events) {
      const { meta, agent, entity } = event;
      expect(event).toMatchObject({
        resourceType: "AuditEvent",
        recorded: expect.any(String),
        source: { observer: {} },
      });
      expect(agent.length).toBeGreaterThanOrEqual(2);
      expect(agent.filter(({ requestor }) => requestor)).toHaveLength(1);
      expect(event.outcome === "0" || meta === undefined).toBe(true);
      if (!meta) continue;
      const name = meta.profile[0]!.replace(/^.*IHE\.BasicAudit\./, "");
      named.add(name);
      const asks = balp[name]!;
      expect(event).toMatchObject({ type: { code: "rest" }, action: asks.action, outcome: "0" });
      expect(event.subtype.map(({ code }) => code)).toEqual([asks.subtype]);
      const [client, server] = agent;
      expect([client, server].every((one) => one?.who && one.network?.address)).toBe(true);
      expect(client!.type.coding[0]!.code).toBe(asks.client);
      expect(server!.type.coding[0]!.code).toBe(asks.client === "110152" ? "110153" : "110152");
      expect(entity.map(({ type, role }) => `${type.code}/${role.code}`)).toEqual(asks.entities);
      for (const one of entity) expect(one.role.code === "24" ? one.query : one.what).toBeTruthy();
      if (name.startsWith("Patient")) expect(entity[0]!.what!.reference).toMatch(/^Patient\/[0-9a-f-]{36}$/);
    }
    expect([...named].toSorted()).toEqual(["PatientRead", "Query", "Read", "Update"]);
    const own = events.find(({ entity }) => entity[0]?.what?.reference === `Patient/${id}`)!;
    expect(own.purposeOfEvent![0]!.coding[0]!.code).toBe("HOPERAT");
    expect(own.agent[2]).toMatchObject({ requestor: true, role: [{ text: "steward" }] });
  });

  test("name the purpose of a broken glass, and a failure by its outcome", async () => {
    const headers = { "access-reason": "the ward cannot reach anybody else" };
    const path = `/persons/${site.known()}`;
    await site.ask(path, await site.token("ann", "steward"), { purpose: "break-glass", headers });
    await site.look("ann", newId());
    const answer = await site.post("/access/export", await site.token("iris", "auditor"), {}, "audit");
    const events = answer.body.auditEvents as Event[];
    expect(events.some(({ purposeOfEvent }) => purposeOfEvent?.[0]?.coding[0]?.code === "BTG")).toBe(true);
    expect(events.some(({ outcome }) => outcome === "4")).toBe(true);
  });
});
