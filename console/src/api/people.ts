// Persons' links, as pages ask for them and have them taken back. No value of a person is in them.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

export type PersonHistory = components["schemas"]["PersonHistory"];
export type PersonLink = components["schemas"]["Link"];

export const usePerson = (id: string) =>
  useQuery({
    queryKey: ["person", id],
    queryFn: () => answerOf(api.GET("/persons/{id}", { params: { path: { id } } })),
  });

/** Remembers for ever that two are never the same. */
export function useKeepApart(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly otherId: string; readonly comment: string }) =>
      answerOf(
        api.POST("/persons/{id}/apart", {
          params: { path: { id } },
          body,
          headers: { "idempotency-key": crypto.randomUUID() },
        } as never),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ["person"] }),
  });
}

/** Asks for a link to be taken back: two stewards decide. @returns the journey that does it */
export function useUnlink(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly linkId: string; readonly comment: string }) =>
      answerOf(
        api.POST("/persons/{id}/unlink", {
          params: { path: { id } },
          body,
          headers: { "idempotency-key": crypto.randomUUID() },
        } as never),
      ) as Promise<{ readonly journeyId: string }>,
    onSettled: () => queries.invalidateQueries({ queryKey: ["person", id] }),
  });
}
