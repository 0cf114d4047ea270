// Dead letters and bulk replays, as pages ask for them and act on them.

import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

export type DeadLetter = components["schemas"]["DeadLetter"];
export type Replay = components["schemas"]["Replay"];
export type ReplayItem = components["schemas"]["ReplayItem"];
export type ReplayItemState = components["schemas"]["ReplayItemState"];

const LOOK_EVERY_MS = 2_000;
const MOST_ITEMS = 200;

/** Which of them: those of a channel, a queue or a cause; `waiting`: those that are to be tried again. */
export type LetterFilter = {
  readonly channel?: string;
  readonly subscription?: string;
  readonly reason?: string;
  readonly state?: "waiting";
};

/** The newest first, a page at a time. */
export const useDeadLetters = (filter: LetterFilter) =>
  useInfiniteQuery({
    queryKey: ["dead-letters", filter],
    queryFn: ({ pageParam }) => {
      const query = { ...filter, ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return answerOf(api.GET("/dead-letters", { params: { query } }));
    },
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });

const once = () => ({ "idempotency-key": crypto.randomUUID() });

/** Replays one: it takes its old place in its session. */
export function useReplay() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ subscription = "", position = 0 }: DeadLetter) =>
      answerOf(
        api.POST("/dead-letters/{subscription}/{position}/replay", {
          params: { path: { subscription, position: String(position) } },
          headers: once(),
        } as never),
      ),
    // Its journey goes on: whoever looks at that next is to see it.
    onSettled: () =>
      Promise.all(["dead-letters", "journeys", "sagas"].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

/** Fixes which letters a bulk replay is about: those there are now, whatever comes later. */
export const usePreview = () =>
  useMutation({
    mutationFn: (filter: { readonly code?: string; readonly subscription?: string }) =>
      answerOf(api.POST("/replays", { body: { filter }, headers: once() } as never)) as Promise<{
        readonly replay: Replay;
        readonly first: readonly ReplayItem[];
      }>,
  });

/** Bulk replays, the newest first. */
export const useReplays = () =>
  useQuery({
    queryKey: ["replays"],
    queryFn: async () => (await answerOf(api.GET("/replays"))).replays,
  });

const isMoving = (replay: Replay | undefined): boolean => replay?.state === "running" || replay?.state === "paused";

export const useReplayJob = (id: string) =>
  useQuery({
    queryKey: ["replay", id],
    queryFn: () => answerOf(api.GET("/replays/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (isMoving(state.data) ? LOOK_EVERY_MS : false),
  });

/** What became of each target, a page at a time, asked for anew once the job stands otherwise; `shown` leaves out all others. */
export const useReplayItems = (replay: Replay, shown: ReplayItemState | undefined) => {
  const { id = "" } = replay;
  return useInfiniteQuery({
    queryKey: ["replay", id, "items", shown, replay.state],
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam }) => {
      const query = { after: pageParam, limit: MOST_ITEMS, ...(shown ? { state: shown } : {}) };
      return (await answerOf(api.GET("/replays/{id}/items", { params: { path: { id }, query } }))).items;
    },
    initialPageParam: 0,
    getNextPageParam: (page) => (page.length === MOST_ITEMS ? page.at(-1)?.nth : undefined),
    refetchInterval: isMoving(replay) ? LOOK_EVERY_MS : false,
  });
};

/** What steers a bulk replay. */
export type Steering =
  | { readonly name: "start"; readonly digest: string; readonly perSecond: number; readonly reason: string }
  | { readonly name: "pause" | "resume" | "cancel" };

export function useSteer(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, ...body }: Steering) =>
      answerOf(
        api.POST(
          `/replays/{id}/${name}` as "/replays/{id}/start",
          {
            params: { path: { id } },
            headers: once(),
            ...(name === "start" ? { body } : {}),
          } as never,
        ),
      ),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["replay", id] }),
        queries.invalidateQueries({ queryKey: ["replays"] }),
      ]),
  });
}
