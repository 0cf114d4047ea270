// W3C trace context: kept where it is valid, begun where it is not.

import { describe, expect, test } from "vitest";
import { newId } from "#kernel/ids";
import { childOf, newTrace, spanOf, traceId, traceOfJourney } from "#kernel/trace";

const given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("a trace", () => {
  test("goes on under the same trace id with a new span", () => {
    const child = childOf(given);
    expect(traceId(child)).toBe(traceId(given));
    expect(child).not.toBe(given);
  });

  test.each([
    ["nothing", undefined],
    ["an empty text", ""],
    ["an all-zero trace id", "00-00000000000000000000000000000000-b7ad6b7169203331-01"],
    ["upper case", given.toUpperCase()],
    ["something else", "hello"],
  ])("begins anew for %s", (_, parent) => {
    expect(traceId(parent)).toBeUndefined();
    expect(traceId(childOf(parent))).toMatch(/^[0-9a-f]{32}$/);
  });

  test("of a journey bears the journey's id", () => {
    const journey = newId();
    expect(traceId(traceOfJourney(journey))).toBe(journey.replaceAll("-", ""));
    expect(traceId(childOf(traceOfJourney(journey)))).toBe(journey.replaceAll("-", ""));
  });

  test("of a message is the one it came with, else its journey's", () => {
    const journeyId = newId();
    expect(traceId(spanOf({ journeyId, traceparent: given }))).toBe(traceId(given));
    expect(traceId(spanOf({ journeyId }))).toBe(journeyId.replaceAll("-", ""));
  });

  test("is new each time", () => {
    expect(newTrace()).not.toBe(newTrace());
  });
});
