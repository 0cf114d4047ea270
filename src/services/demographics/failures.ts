// What becomes of a step that goes on failing: a steward's work item, due on the same day.

import type { SagaOptions } from "#engine/sagas";

const FOUR_HOURS_MS = 4 * 3_600_000;

/** Failures of the sagas that change what is known of persons. */
export const toStewards: SagaOptions<unknown>["failures"] = {
  queue: "demographics-steward",
  domain: "demographics",
  criticality: "high",
  dueMs: FOUR_HOURS_MS,
  roles: ["steward"],
};
