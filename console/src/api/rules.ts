// Rules, as pages ask for them and try them.

import { useMutation, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

type InForce = components["schemas"]["RulesInForce"];
export type Rule = components["schemas"]["RuleDocument"] & { readonly history: readonly InForce[] };
export type Tried = components["schemas"]["RulesTrial"];

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

/** The text of a version that somebody chooses. */
export const useRuleVersion = (name: string) =>
  useMutation({
    mutationFn: (digest: string) => answerOf(api.GET("/rules/{name}/{digest}", { params: { path: { name, digest } } })),
  });

/** What a text would decide on one message, pasted or by the journey that it began. */
export const useTrial = (name: string) =>
  useMutation({
    mutationFn: (body: {
      readonly text: string;
      readonly message?: string;
      readonly journeyId?: string;
      readonly asksNationally?: boolean;
    }) => answerOf(api.POST("/rules/{name}/try", { params: { path: { name } }, body })),
  });
