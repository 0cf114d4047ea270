// One trace from the hospital's message to the ERP: every span of a journey below the one that caused it.

import { afterAll, beforeAll, expect, it } from "vitest";
import { type Span, sendTelemetry } from "#kernel/telemetry";
import { adt, testNhsNumber } from "./adt.ts";
import { type Site, startSite } from "./platform-rig.ts";

let site: Site;
const spans: Span[] = [];
beforeAll(async () => {
  site = await startSite();
  sendTelemetry({
    tracing: true,
    span: (span) => void spans.push(span),
    add: () => undefined,
    record: () => undefined,
  });
});
afterAll(async () => {
  sendTelemetry(undefined);
  await site.close();
});

const spanId = (traceparent: string | undefined) => traceparent?.slice(36, 52);

it("goes from MLLP through the saga to the ERP under the journey's id, without a gap and without a name", async () => {
  const person = { mrn: "TR1", nhsNumber: testNhsNumber(1), familyName: "Quillfeather", addressLine1: "1 Old Row" };
  const at = Date.now() - 86_400_000;
  expect((await site.send(adt({ event: "A28", controlId: "TR1-1", at, person }))).code).toBe("AA");
  const journey = await site.settled("TR1-1");
  const trace = journey.id.replaceAll("-", "");
  const own = () => spans.filter(({ self }) => self.slice(3, 35) === trace);
  await expect.poll(() => own().map(({ name }) => name)).toContain("handle demographics.update.write.settled");
  const ids = new Set(own().map(({ self }) => spanId(self)));
  expect(ids.size).toBe(own().length);
  // Only the intake begins; every other span stands below one of this trace.
  expect(
    own()
      .filter(({ parent }) => parent === undefined)
      .map(({ name }) => name),
  ).toEqual(["receive adt"]);
  expect(
    own()
      .filter(({ parent }) => parent && !ids.has(spanId(parent)!))
      .map(({ name }) => name),
  ).toEqual([]);
  const chainOf = (name: string): string[] => {
    const chain: string[] = [];
    for (let span = own().findLast((one) => one.name === name); span; ) {
      chain.push(span.name);
      const { parent } = span;
      span = own().find(({ self }) => spanId(self) === spanId(parent));
    }
    return chain;
  };
  const written = chainOf("nav POST");
  expect(written[1]).toBe("write back nav");
  expect(written.at(-1)).toBe("receive adt");
  expect(written.some((name) => name.startsWith("handle "))).toBe(true);
  expect(chainOf("nav GET").some((name) => name.startsWith("step demographics.update "))).toBe(true);
  for (const marker of ["Quillfeather", "TR1", testNhsNumber(1), "Old Row"])
    expect(JSON.stringify(spans)).not.toContain(marker);
});
