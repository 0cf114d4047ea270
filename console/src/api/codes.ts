// Code maps, as pages ask for them and change them.

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

export type CodeMap = components["schemas"]["CodeMap"];
export type MappedCode = components["schemas"]["MappedCode"];
export type CodeTarget = components["schemas"]["CodeTarget"];

const PAGE = 200;
const MOST_CHANGES = 100;
/** So many are taken in at a glance; whoever wants another looks for it. */
export const MOST_TARGETS = 8;
/** The platform takes no longer text to look for. */
const LONGEST_SEARCH = 50;
const LOOK_EVERY_MS = 10_000;

export const useCodeMaps = () =>
  useQuery({
    queryKey: ["codes", "maps"],
    queryFn: async () => (await answerOf(api.GET("/code-maps"))).maps,
    refetchInterval: LOOK_EVERY_MS,
  });

const pageOf = (map: string, search: string, after: string | undefined) => {
  const query = { limit: PAGE, ...(search ? { search } : {}), ...(after ? { after } : {}) };
  return answerOf(api.GET("/code-maps/{map}/entries", { params: { path: { map }, query } }));
};

/** The codes of a map that hold a text, a page at a time. */
export const useCodes = (map: string, search: string) =>
  useInfiniteQuery({
    queryKey: ["codes", map, "entries", search],
    queryFn: ({ pageParam }) => pageOf(map, search.slice(0, LONGEST_SEARCH), pageParam),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    // What is typed goes on: what was found before stays until the answer is there.
    placeholderData: (before) => before,
  });

/** What one code stands for; null: nothing yet. */
export const useCode = (map: string, { system, code }: Pick<MappedCode, "system" | "code">, isWanted: boolean) =>
  useQuery({
    queryKey: ["codes", map, "one", system, code],
    queryFn: async (): Promise<MappedCode | null> => {
      let after: string | undefined;
      do {
        const { entries, next } = await pageOf(map, code, after);
        const found = entries.find((one) => one.system === system && one.code === code);
        if (found) return found;
        after = next;
      } while (after);
      return null;
    },
    enabled: isWanted,
  });

/** What was mapped by whom, the newest first. */
export const useCodeChanges = (map: string) =>
  useQuery({
    queryKey: ["codes", map, "changes"],
    queryFn: async () => {
      const params = { path: { map }, query: { limit: MOST_CHANGES } };
      const { changes } = await answerOf(api.GET("/code-maps/{map}/changes", { params }));
      return { changes, isCut: changes.length === MOST_CHANGES };
    },
  });

/** What the ERP lists, and the text by which it was found; empty: these are the first ones. */
export type FoundTargets = { readonly targets: readonly CodeTarget[]; readonly by: string };

/** Looks in the ERP's list for each text in turn until something is found; where nothing is, the first ones. */
export const useTargets = (map: string, texts: readonly string[]) =>
  useQuery({
    queryKey: ["codes", map, "targets", ...texts],
    queryFn: async (): Promise<FoundTargets> => {
      for (const text of texts) {
        const targets = await targetsOf(map, text.slice(0, LONGEST_SEARCH).trim());
        if (targets.length > 0) return { targets, by: text };
      }
      return { targets: await targetsOf(map), by: "" };
    },
    placeholderData: (before) => before,
  });

const targetsOf = async (map: string, search?: string): Promise<readonly CodeTarget[]> => {
  const params = { path: { map }, query: { limit: MOST_TARGETS, ...(search ? { search } : {}) } };
  return (await answerOf(api.GET("/code-maps/{map}/targets", { params }))).targets;
};

/** What somebody says a code stands for; `replaces`: what it stood for as they saw it. */
export type Mapping = Pick<MappedCode, "system" | "code" | "target"> & { readonly replaces: string | null };

/** Maps a code. @throws Refused */
export const mapCode = (map: string, body: Mapping): Promise<MappedCode> =>
  answerOf(
    api.POST("/code-maps/{map}/entries", {
      params: { path: { map } },
      body,
      headers: { "idempotency-key": crypto.randomUUID() },
    } as never),
  );

export function useMapCode(map: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (mapping: Mapping) => mapCode(map, mapping),
    onSettled: () => queries.invalidateQueries({ queryKey: ["codes"] }),
  });
}
