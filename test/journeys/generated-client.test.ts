// The main job by a client that nobody here wrote: its types and its calls come from the API documents alone.

import createClient from "openapi-fetch";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { paths as Operations } from "../../console/src/api/ops.d.ts";
import type { paths as Demographics } from "../../resources/openapi/types/demographics.v1.d.ts";
import { until } from "../until.ts";
import { testNhsNumber } from "./adt.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { nationally, tellingOf } from "./telling.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const [stella, ben] = [person("stella", "steward"), person("ben", "approver")];
const clientsOf = async (who: typeof stella) => {
  const headers = await site.headersOf(who);
  return {
    demographics: createClient<Demographics>({ baseUrl: `${site.http}/demographics/v1`, headers }),
    operations: createClient<Operations>({ baseUrl: `${site.http}/ops/v1`, headers }),
  };
};

it("proposes a change, has it approved, follows it into the ERP, and reads the person", async () => {
  const nhsNumber = testNhsNumber(9_100);
  await site.pds.know(nationally(nhsNumber, { familyName: "Brookside" }));
  await tellingOf(site).register({ mrn: "GC1", nhsNumber, addressLine1: "1 Row" });
  const [steward, approver] = [await clientsOf(stella), await clientsOf(ben)];

  const proposed = await steward.demographics.POST("/changes", {
    params: { header: { "Purpose-Of-Use": "administration", "Idempotency-Key": "generated-client-1" } },
    body: {
      identifiers: [{ system: "RXX", value: "GC1" }],
      fields: { familyName: "Brookside" },
      eventAt: new Date(Date.now() - 60_000).toISOString(),
      reason: "said at the front desk",
    },
  });
  expect(proposed.response.status).toBe(202);
  const { id } = proposed.data!;
  const stateOf = async () =>
    (await steward.demographics.GET("/changes/{id}", { params: { path: { id } } })).data?.state;
  await until(async () => (await stateOf()) === "waiting-for-approval", 20_000);

  const { data: waiting } = await approver.operations.POST("/work/list", { body: { journeyId: id } });
  const [item] = waiting!.items;
  const { data: shown } = await approver.operations.POST("/work/{id}/show", { params: { path: { id: item!.id! } } });
  expect(JSON.stringify(shown)).toContain("said at the front desk");
  const decided = await approver.operations.POST("/work/{id}/decide", {
    params: { path: { id: item!.id! } },
    body: { action: "approve", digest: item!.digest! },
  });
  expect(decided.error).toBeUndefined();

  await until(async () => (await stateOf()) === "applied", 20_000);
  expect(await site.nav.patientsBy("GC1")).toMatchObject([{ lastName: "Brookside" }]);
  const { data: found } = await steward.demographics.POST("/persons/search", { body: { nhsNumber } });
  const [one] = found!.persons;
  const { data: read } = await steward.demographics.GET("/persons/{id}", { params: { path: { id: one!.id! } } });
  expect(read).toMatchObject({ familyName: "Brookside", nhsNumber });
});

it("is told what is wrong in the form that the document promises", async () => {
  const { demographics } = await clientsOf(stella);
  const { error, response } = await demographics.POST("/changes", {
    body: {
      nhsNumber: "9990000019",
      fields: { familyName: "Brookside" },
      eventAt: "2026-01-05T09:30:00Z",
      reason: "x",
    },
  });
  expect(response.status).toBe(422);
  expect(error).toMatchObject({ code: "PERSON_INVALID", faults: [{ at: "nhsNumber", code: "DQ-NHS-003" }] });
  const unknown = await demographics.GET("/persons/{id}", {
    params: { path: { id: "01890a5d-ac96-774b-bcce-b302099a8057" } },
  });
  expect(unknown.error).toMatchObject({ status: 404, code: "PERSON_UNKNOWN" });
});
