// Who looked at what and who did what, as pages ask for it. Each search is recorded itself.

import { useMutation } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components, paths } from "./ops.d.ts";

export type Access = components["schemas"]["Access"];
type Report = paths["/access/report"]["post"]["requestBody"]["content"]["application/json"];
type Search = NonNullable<paths["/audit/search"]["post"]["requestBody"]>["content"]["application/json"];

/** What a search found, and the position to look on from. */
export type Found = { readonly lines: readonly Access[]; readonly before?: number | undefined };

/** Asked by a press of a button and never again by itself: asking leaves a trace. What is asked for is in no address. */
export const useReport = () =>
  useMutation({
    mutationFn: async (body: Report): Promise<Found> => {
      const { accesses, before } = await answerOf(api.POST("/access/report", { body }));
      return { lines: accesses, before };
    },
  });

export const useAuditSearch = () =>
  useMutation({
    mutationFn: async (body: Omit<Search, "limit">): Promise<Found> => {
      const { leaves, next } = await answerOf(api.POST("/audit/search", { body: { limit: 200, ...body } }));
      return { lines: leaves as readonly Access[], before: next };
    },
  });
