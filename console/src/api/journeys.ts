// Journeys, as pages ask for them.

import { useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

export type Journey = components["schemas"]["Journey"];

const LOOK_EVERY_MS = 3_000;

/** What goes by a key: it may be a patient's number, so it travels in the body. Each search is recorded. */
export const useJourneys = (key: string | undefined) =>
  useQuery({
    queryKey: ["journeys", key],
    queryFn: async () => (await answerOf(api.POST("/journeys/search", { body: { key: key ?? "" } }))).journeys,
    enabled: key !== undefined,
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === "running") ? LOOK_EVERY_MS : false),
  });
