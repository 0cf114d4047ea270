// Rules, as pages ask for them and try them.

import { useMutation, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";

export const useRules = () => useQuery({ queryKey: ["rules"], queryFn: () => answerOf(api.GET("/rules")) });

export const useRule = (name: string) =>
  useQuery({
    queryKey: ["rules", name],
    queryFn: () => answerOf(api.GET("/rules/{name}", { params: { path: { name } } })),
  });

/** What a text would have decided otherwise. */
export const useDryRun = (name: string) =>
  useMutation({
    mutationFn: (body: { readonly text: string; readonly days: number }) =>
      answerOf(api.POST("/rules/{name}/dry-run", { params: { path: { name } }, body })),
  });
