// The platform at a glance, as pages ask for it.

import { useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

export type Operations = components["schemas"]["Operations"];
export type Flow = components["schemas"]["Flow"];
export type Series = components["schemas"]["Series"];
export type Measures = components["schemas"]["Measures"];
export type Credential = components["schemas"]["Credentials"]["credentials"][number];

/** Without news: times go on even where nothing happens. */
const LOOK_EVERY_MS = 10_000;

export const useOperations = () =>
  useQuery({
    queryKey: ["operations"],
    queryFn: () => answerOf(api.GET("/metrics/operations")),
    refetchInterval: LOOK_EVERY_MS,
  });

export const useSeries = (minutes: number, channel?: string) =>
  useQuery({
    queryKey: ["series", minutes, channel],
    queryFn: () =>
      answerOf(api.GET("/metrics/series", { params: { query: { minutes, ...(channel ? { channel } : {}) } } })),
    refetchInterval: LOOK_EVERY_MS,
  });

export const useMeasures = (days: number) =>
  useQuery({
    queryKey: ["measures", days],
    queryFn: () => answerOf(api.GET("/metrics/measures", { params: { query: { days } } })),
    staleTime: 30_000,
  });

export const useCredentials = () =>
  useQuery({ queryKey: ["credentials"], queryFn: () => answerOf(api.GET("/credentials")) });
