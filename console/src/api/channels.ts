// Channels, as pages ask for them and act on them.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

export type ChannelDefinition = components["schemas"]["ChannelDefinition"];
export type DryRun = components["schemas"]["ChannelDryRun"];
export type Tried = components["schemas"]["Tried"];
export type ChannelState = "started" | "paused" | "stopped";

export const useDefinition = (name: string) =>
  useQuery({
    queryKey: ["channel", name, "definition"],
    queryFn: () => answerOf(api.GET("/channels/{name}/definition", { params: { path: { name } } })),
  });

/** What changed texts of it would have made otherwise. */
export const useDryRuns = (name: string) =>
  useQuery({
    queryKey: ["channel", name, "dry-runs"],
    queryFn: () => answerOf(api.GET("/channels/{name}/dry-runs", { params: { path: { name } } })),
  });

/** Pauses, stops or starts one, with the reason that others are shown. */
export function useSetState(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ state, reason }: { readonly state: ChannelState; readonly reason: string }) =>
      answerOf(
        api.POST("/channels/{name}/state", {
          params: { path: { name } },
          body: { state, ...(reason === "" ? {} : { reason }) },
          headers: { "idempotency-key": crypto.randomUUID() },
        }),
      ),
    onSettled: () =>
      Promise.all(["operations", "channel", "channels"].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

/** Tries a message; nothing comes of it. */
export const useTry = (name: string) =>
  useMutation({
    mutationFn: (message: string) =>
      answerOf(api.POST("/channels/{name}/try", { params: { path: { name } }, body: { message } })),
  });
