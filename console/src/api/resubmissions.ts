// Mended messages, as pages propose them and those who decide look at them.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import { asHeader, type Lying } from "./journeys.ts";
import type { components } from "./ops.d.ts";

export type Resubmission = components["schemas"]["Resubmission"];

/** Proposes a letter's message anew; somebody else decides on it. */
export function usePropose({ subscription, position }: Lying) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly text: string; readonly comment: string }) =>
      answerOf(
        api.POST("/dead-letters/{subscription}/{position}/resubmission", {
          params: { path: { subscription, position: String(position) } },
          body,
          headers: { "idempotency-key": crypto.randomUUID() },
        } as never),
      ) as Promise<Resubmission>,
    onSettled: () =>
      Promise.all(["dead-letters", "journeys", "work"].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

/** How a proposal stands. */
export const useProposal = (id: string) =>
  useQuery({
    queryKey: ["work", "resubmission", id],
    queryFn: () => answerOf(api.GET("/resubmissions/{id}", { params: { path: { id } } })),
  });

/** The original beside what is proposed. To look is recorded, with the reason. */
export const useBoth = (id: string) =>
  useMutation({
    mutationFn: (reason: string): Promise<Resubmission> =>
      answerOf(
        api.GET("/resubmissions/{id}/content", {
          params: { path: { id }, header: { "Access-Reason": asHeader(reason) } },
        }),
      ),
  });
