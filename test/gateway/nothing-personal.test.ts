// Nothing of a request comes into logs, leaves, spans and measures, wherever in it a person stands.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "#kernel/ids";
import { type AccessSite, openAccessSite } from "./access-site.ts";

describe("with a person planted in every place of a request", () => {
  let site: AccessSite;
  beforeAll(async () => {
    site = await openAccessSite();
  });
  afterAll(() => site?.close());

  const MARKERS = ["9990000018", "Zebediah", "Marker-Street", "s3cret-t0ken"];
  const planted = MARKERS.join("~");

  test("has none of it in logs, leaves, spans and measures, however the request ends", async () => {
    const steward = await site.token("ann", "steward");
    const person = site.known({ familyName: planted });
    const headers = {
      "access-reason": planted,
      "user-agent": planted,
      "x-request-id": planted,
      traceparent: planted,
      cookie: planted,
    };
    const plantedId = encodeURIComponent(planted);
    const tries: [string, RequestInit & { purpose?: string }, number, string?][] = [
      [`/persons/${person}?${plantedId}=${plantedId}`, { purpose: "administration" }, 0],
      [`/persons/${person}`, { purpose: "administration" }, 200],
      [`/persons/${plantedId}`, { purpose: "administration" }, 400],
      [`/${plantedId}`, {}, 404],
      [`/persons/${person}`, { purpose: planted }, 400],
      ["/work/list", { method: "POST", body: JSON.stringify({ owner: planted }), purpose: "administration" }, 200],
      ["/work/list", { method: "POST", body: JSON.stringify({ [planted]: planted }), purpose: "administration" }, 400],
      ["/work/list", { method: "POST", body: `{${planted}`, purpose: "administration" }, 400],
      [`/persons/${newId()}`, { purpose: "administration" }, 404],
      [`/persons/${person}`, { purpose: "administration" }, 401, planted],
      [`/persons/${person}`, { purpose: "audit" }, 403],
    ];
    for (const [path, init, status, bearer = steward] of tries) {
      const answer = await site.ask(path, bearer, { ...init, headers });
      if (status > 0)
        expect([path === `/${plantedId}` ? "nowhere" : path.slice(0, 9), answer.status]).toEqual([
          path === `/${plantedId}` ? "nowhere" : path.slice(0, 9),
          status,
        ]);
    }
    site.state.isDown = true;
    await site.ask(`/persons/${person}`, steward, { purpose: "administration", headers });
    site.state.isDown = false;
    const log = await site.log();
    const written = await site.desk.db.query<{ body: string }>("select body from audit.leaf");
    const told = [log, JSON.stringify(written), JSON.stringify(site.spans), JSON.stringify(site.measured)];
    expect(told.every((text) => text.length > 1_000)).toBe(true);
    for (const text of told) for (const marker of MARKERS) expect(text.includes(marker)).toBe(false);
    expect(log).not.toContain(steward.slice(-30));
  });

  test("writes one line for each request, with route, status, duration, client, who, trace and code", async () => {
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const before = (await site.log()).split("\n").length;
    const answer = await site.ask(`/persons/${newId()}`, await site.token("ann", "steward"), {
      purpose: "administration",
      headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` },
    });
    expect(answer.headers.get("traceresponse")).toContain(trace);
    await expect.poll(async () => (await site.log()).split("\n").length).toBeGreaterThan(before);
    const lines = (await site.log()).trim().split("\n");
    expect(JSON.parse(lines.at(-1)!)).toEqual({
      level: "info",
      time: expect.any(String),
      msg: "request",
      method: "GET",
      route: "/ops/v1/persons/:id",
      status: 404,
      durationMs: expect.any(Number),
      client: "console",
      principal: "trust:ann",
      trace,
      code: "PERSON_UNKNOWN",
    });
    expect(site.spans.at(-1)).toMatchObject({
      name: "GET /ops/v1/persons/:id",
      kind: "server",
      parent: `00-${trace}-b7ad6b7169203331-01`,
    });
  });
});
