// Work items, as pages ask for them and act on them.

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components, paths } from "./ops.d.ts";

export type Item = components["schemas"]["WorkItem"];
export type ItemSummary = components["schemas"]["WorkItemSummary"];
export type Action = NonNullable<ItemSummary["actions"]>[number];
type Filter = NonNullable<paths["/work/list"]["post"]["requestBody"]>["content"]["application/json"];

const LOOK_EVERY_MS = 5_000;
const MOST_LISTED = 200;

/** Whether a person is still asked. */
export const waits = ({ state }: Pick<ItemSummary, "state">): boolean => state === "open" || state === "claimed";

const listed = async (filter: Filter, withClosed = false) => {
  const { items, next } = await answerOf(api.POST("/work/list", { body: { limit: MOST_LISTED, ...filter } }));
  if (withClosed) return { items, next };
  const waiting = items.filter(waits);
  // What is closed comes last: behind it nothing waits.
  return { items: waiting, next: waiting.length < items.length ? undefined : next };
};

/** What waits, the most pressing first. */
export const useWork = (filter: Filter) =>
  useQuery({ queryKey: ["work", filter], queryFn: () => listed(filter), refetchInterval: LOOK_EVERY_MS });

/** As `useWork`, a page at a time; behind what waits what is closed, where that is wanted. */
export const useAllWork = (filter: Filter, withClosed = false) =>
  useInfiniteQuery({
    queryKey: ["work", "all", filter, withClosed],
    queryFn: ({ pageParam }) => listed(pageParam === "" ? filter : { ...filter, cursor: pageParam }, withClosed),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    refetchInterval: LOOK_EVERY_MS,
  });

/** Beyond so many pages nobody counts. */
const MOST_PAGES = 5;

/** How many wait for one cause; not less than `count`, where `isMore`. @throws Refused */
export async function countWaiting({
  domain,
  queue,
  reason,
  title,
}: {
  readonly domain: string;
  readonly queue: string;
  readonly reason: string;
  readonly title: string;
}): Promise<{ readonly count: number; readonly isMore: boolean }> {
  let count = 0;
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, next } = await listed({ domain, queue, ...(cursor ? { cursor } : {}) });
    count += items.filter((one) => one.reason === reason && one.title === title).length;
    if (next === undefined) return { count, isMore: false };
    cursor = next;
  }
  return { count, isMore: true };
}

/** One with what is decided on. To look is recorded, so it is asked for once and not again and again. */
export const useItem = (id: string) =>
  useQuery({
    queryKey: ["item", id],
    queryFn: async () => (await answerOf(api.POST("/work/{id}/show", { params: { path: { id } }, body: {} }))).item,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });

/** Those whom one can be given to. */
export const useAssignees = (id: string, isWanted: boolean) =>
  useQuery({
    queryKey: ["item", id, "assignees"],
    queryFn: async () => (await answerOf(api.GET("/work/{id}/assignees", { params: { path: { id } } }))).people,
    enabled: isWanted,
  });

/** What somebody does about one. */
export type Deed =
  | { readonly name: "claim" | "release" }
  | { readonly name: "comment" | "inquire" | "escalate"; readonly comment: string }
  | { readonly name: "assign"; readonly to: string }
  | {
      readonly name: "decide";
      readonly action: string;
      readonly digest: string;
      readonly refused?: readonly string[];
      readonly comment?: string;
    };

/** Does it. @throws Refused */
function doDeed(id: string, { name, ...body }: Deed): Promise<unknown> {
  const path = `/work/{id}/${name}` as "/work/{id}/claim";
  const headers = { "idempotency-key": crypto.randomUUID() };
  return answerOf(api.POST(path, { params: { path: { id } }, body: body as never, headers }));
}

export function useDeed(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (deed: Deed) => doDeed(id, deed),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["item", id] }),
        queries.invalidateQueries({ queryKey: ["work"] }),
        queries.invalidateQueries({ queryKey: ["journeys"] }),
        queries.invalidateQueries({ queryKey: ["sagas"] }),
      ]),
  });
}
