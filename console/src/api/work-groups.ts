// One decision for many items, as pages look at it, start it and follow it.

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

export type WorkGroup = components["schemas"]["WorkGroup"];
export type WorkGroupItem = components["schemas"]["WorkGroupItem"];

/** Items that wait for one cause, and what is to be done to each. */
export type GroupWish = {
  readonly filter: { readonly domain: string; readonly queue: string; readonly reason: string; readonly title: string };
  readonly deed: "decide" | "claim" | "comment";
  readonly action?: string;
};

const LOOK_EVERY_MS = 1_000;
const MOST_ITEMS = 200;
const once = () => ({ "idempotency-key": crypto.randomUUID() });
const isMoving = ({ state }: WorkGroup): boolean => state === "running" || state === "paused";

/** Fixes which items it is about: those there are now, whatever comes later. @throws Refused */
export const previewGroup = (wish: GroupWish) =>
  answerOf(api.POST("/work-groups", { body: wish, headers: once() } as never)) as Promise<{
    readonly group: WorkGroup;
    readonly first: readonly WorkGroupItem[];
  }>;

export const usePreviewGroup = () => useMutation({ mutationFn: previewGroup });

export function useGroup(id: string) {
  const queries = useQueryClient();
  return useQuery({
    queryKey: ["work", "group", id],
    queryFn: async () => {
      const group = await answerOf(api.GET("/work-groups/{group}", { params: { path: { group: id } } }));
      // What was seen of an item before may be over by now: whoever looks at one next asks for it anew.
      void queries.invalidateQueries({ queryKey: ["item"], refetchType: "none" });
      return group;
    },
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? LOOK_EVERY_MS : false),
  });
}

/** The first items of a group, with what became of each: asked for anew once the job stands otherwise. */
export const useGroupItems = ({ id = "", state }: WorkGroup) =>
  useQuery({
    queryKey: ["work", "group", id, "items", state],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const params = { path: { group: id }, query: { limit: MOST_ITEMS } };
      return (await answerOf(api.GET("/work-groups/{group}/items", { params }))).items;
    },
    refetchInterval: state === "running" ? LOOK_EVERY_MS : false,
  });

/** What steers one. */
export type GroupSteering =
  | { readonly name: "start"; readonly digest: string; readonly comment?: string }
  | { readonly name: "pause" | "resume" | "cancel" };

/** Steers it. @throws Refused */
const steerGroup = (id: string, { name, ...body }: GroupSteering) =>
  answerOf(
    api.POST(
      `/work-groups/{group}/${name}` as "/work-groups/{group}/start",
      { params: { path: { group: id } }, headers: once(), ...(name === "start" ? { body } : {}) } as never,
    ),
  );

/** Starts exactly what was looked at. @throws Refused */
export const startGroup = (id: string, what: { readonly digest: string; readonly comment: string }) =>
  steerGroup(id, { name: "start", ...what });

export function useSteerGroup(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (steering: GroupSteering) => steerGroup(id, steering),
    onSettled: () => queries.invalidateQueries({ queryKey: ["work"] }),
  });
}
