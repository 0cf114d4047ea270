// Dead letters, as pages ask for them and act on them.

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

export type DeadLetter = components["schemas"]["DeadLetter"];

/** All of them, the newest first, a page at a time. */
export const useDeadLetters = () =>
  useInfiniteQuery({
    queryKey: ["dead-letters"],
    queryFn: ({ pageParam }) =>
      answerOf(api.GET("/dead-letters", { params: { query: pageParam === "" ? {} : { cursor: pageParam } } })),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });

/** Replays one: it takes its old place in its session. */
export function useReplay() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ subscription = "", position = 0 }: DeadLetter) =>
      answerOf(
        api.POST("/dead-letters/{subscription}/{position}/replay", {
          params: { path: { subscription, position: String(position) } },
          headers: { "idempotency-key": crypto.randomUUID() },
        } as never),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ["dead-letters"] }),
  });
}
