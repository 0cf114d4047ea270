// Products of the platform and who may do what, as pages ask for them.

import { useMutation, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components, paths } from "./ops.d.ts";

export type Product = components["schemas"]["Product"];
export type Topic = components["schemas"]["Topic"];
export type Explanation = components["schemas"]["Explanation"];
export type Question = NonNullable<paths["/access/explain"]["post"]["requestBody"]>["content"]["application/json"];

export const useCatalogue = () => useQuery({ queryKey: ["catalogue"], queryFn: () => answerOf(api.GET("/catalogue")) });

/** What can be asked; it changes only with a release. */
export const useQuestions = () =>
  useQuery({
    queryKey: ["questions"],
    queryFn: () => answerOf(api.GET("/access/questions")),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useExplain = () =>
  useMutation({ mutationFn: (question: Question) => answerOf(api.POST("/access/explain", { body: question })) });
