// Messages that channels took in, as pages ask for them.

import { useInfiniteQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

export type Message = components["schemas"]["Message"];
export type MessageState = components["schemas"]["MessageState"];
export type MessageCount = components["schemas"]["MessageCount"];
/** Which messages; `counted`: those behind a number of operations or measures, `leastMs` and `belowMs` how long they took. */
export type MessageFilter = {
  readonly channel?: string;
  readonly state?: MessageState;
  readonly counted?: MessageCount;
  readonly leastMs?: number;
  readonly belowMs?: number;
  readonly since?: string;
  readonly until?: string;
};

const PAGE = 100;

/** The newest first, a page at a time. To look is recorded. */
export const useMessages = (filter: MessageFilter) =>
  useInfiniteQuery({
    queryKey: ["messages", filter],
    queryFn: ({ pageParam }) =>
      answerOf(
        api.POST("/messages/search", {
          body: { ...filter, limit: PAGE, ...(pageParam === "" ? {} : { before: pageParam }) },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });
