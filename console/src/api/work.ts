// Work items, as pages ask for them and act on them.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components, paths } from "./ops.d.ts";

export type Item = components["schemas"]["WorkItem"];
export type ItemSummary = components["schemas"]["WorkItemSummary"];
type Filter = NonNullable<paths["/work/list"]["post"]["requestBody"]>["content"]["application/json"];

const LOOK_EVERY_MS = 5_000;

/** What waits, the most pressing first. */
export const useWork = (filter: Filter) =>
  useQuery({
    queryKey: ["work", filter],
    queryFn: async () => {
      const { items, ...page } = await answerOf(api.POST("/work/list", { body: filter }));
      return { ...page, items: items.filter(({ state }) => state === "open" || state === "claimed") };
    },
    refetchInterval: LOOK_EVERY_MS,
  });

/** One with what is decided on. To look is recorded, so it is asked for once and not again and again. */
export const useItem = (id: string) =>
  useQuery({
    queryKey: ["item", id],
    queryFn: async () => (await answerOf(api.POST("/work/{id}/show", { params: { path: { id } }, body: {} }))).item,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });

/** What somebody does about one. */
export type Deed =
  | { readonly name: "claim" | "release" }
  | { readonly name: "comment" | "escalate"; readonly comment: string }
  | { readonly name: "decide"; readonly action: string; readonly digest: string; readonly comment?: string };

export function useDeed(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, ...body }: Deed) => {
      const path = `/work/{id}/${name}` as "/work/{id}/claim";
      const headers = { "idempotency-key": crypto.randomUUID() };
      return answerOf(api.POST(path, { params: { path: { id } }, body: body as never, headers }));
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["item", id] }),
        queries.invalidateQueries({ queryKey: ["work"] }),
      ]),
  });
}
