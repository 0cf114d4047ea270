// Figures over HTTP: told to who may read them, by product, version and consumer, and of nobody whom a request was about.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openLog } from "#kernel/log";
import { sendTelemetry } from "#kernel/telemetry";
import { openTelemetryExport, type TelemetryExport } from "#kernel/telemetry-export";
import { telemetrySettings } from "#kernel/telemetry-settings";
import { openYard, type Yard } from "./door.ts";

let yard: Yard;
beforeAll(async () => {
  yard = await openYard();
});
afterAll(() => yard?.close());

const figures = async (address: string, group: "stewards" | "operators" | undefined): Promise<Response> =>
  fetch(`${address}/metrics`, {
    headers: group ? { authorization: `Bearer ${await yard.token("olive", "prometheus", group)}` } : {},
  });

describe("figures that are kept", () => {
  let gateway: Awaited<ReturnType<Yard["open"]>>;
  let telemetry: TelemetryExport;
  beforeEach(async () => {
    const settings = telemetrySettings.parse({ metrics: true });
    telemetry = openTelemetryExport({ settings, resource: { "service.name": "lockgate" }, log: openLog("silent") });
    sendTelemetry(telemetry.sink);
    gateway = await yard.open({}, { prometheus: telemetry.prometheus });
  });
  afterEach(async () => {
    sendTelemetry(undefined);
    await telemetry.close();
    await gateway.close();
  });

  test("tell requests by product, version, consumer and route, and name neither a path nor a person", async () => {
    const token = await yard.token("olive", "the-console", "operators");
    const planted = "01890a5d-ac96-774b-bcce-b302099a8057";
    const asked = await fetch(`${gateway.address}/ops/v1/work/${planted}/show`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "purpose-of-use": "administration" },
    });
    expect(asked.status).toBe(404);
    const answer = await figures(gateway.address, "operators");
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await answer.text();
    const line = text.split("\n").find((one) => one.includes('http_route="/ops/v1/work/:id/show"')) ?? "";
    for (const label of ['lockgate_product="ops"', 'lockgate_version="v1"', 'lockgate_consumer="the-console"'])
      expect(line).toContain(label);
    expect(line).toContain('error_type="WORK_UNKNOWN"');
    expect(text).not.toContain(planted);
    expect(text).not.toContain("olive");
  });

  test("are nobody's who is not signed in, and not everybody's who is", async () => {
    expect((await figures(gateway.address, undefined)).status).toBe(401);
    const refused = await figures(gateway.address, "stewards");
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: "ACCESS_REFUSED" }]);
  });
});

test("where no figures are kept there is nothing to be had, and who may not read them is told no more than before", async () => {
  const gateway = await yard.open();
  expect(await (await figures(gateway.address, "operators")).json()).toMatchObject({ code: "ROUTE_UNKNOWN" });
  expect((await figures(gateway.address, "stewards")).status).toBe(403);
  await gateway.close();
});
