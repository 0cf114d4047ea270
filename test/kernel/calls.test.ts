// Figures of calls to other systems: what is counted, for how long, and what is remembered of the last.

import { expect, test } from "vitest";
import { callFigures, noteCall } from "#kernel/calls";
import { calling } from "#kernel/telemetry";

const MINUTE_MS = 60_000;
const at = (minute: number): number => Date.UTC(2026, 0, 1) + minute * MINUTE_MS;
const figuresOf = (system: string, nowMs: number) => callFigures(nowMs).find((one) => one.system === system);

test("counts what lies five minutes back and forgets what is older, but not when it last went well or ill", () => {
  noteCall("old", undefined, 10, at(0));
  noteCall("old", "HTTP_503", 30, at(1));
  for (let call = 0; call < 100; call += 1) noteCall("old", undefined, 1, at(4));
  expect(figuresOf("old", at(4))).toMatchObject({ calls: 102, failed: 1, durationMs: 140 });
  expect(figuresOf("old", at(5))).toMatchObject({ calls: 101, failed: 1 });
  expect(figuresOf("old", at(60))).toEqual({
    system: "old",
    calls: 0,
    failed: 0,
    durationMs: 0,
    lastOkAt: new Date(at(4)),
    lastFailedAt: new Date(at(1)),
    lastCode: "HTTP_503",
  });
});

test("a call counts as failed when it throws, and when its answer means trouble", async () => {
  const trouble = (status: number) => (status === 503 ? "HTTP_503" : undefined);
  const call = (work: () => Promise<number>) =>
    calling({ system: "tried", operation: "GET", parent: undefined, trouble }, work);
  expect(await call(async () => 200)).toBe(200);
  expect(await call(async () => 503)).toBe(503);
  await expect(call(() => Promise.reject(new Error("no")))).rejects.toThrow();
  expect(figuresOf("tried", Date.now())).toMatchObject({ calls: 3, failed: 2, lastCode: "INTERNAL" });
});
