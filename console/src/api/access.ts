// Products of the platform and who may do what, as pages ask for them.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";
import type { components, paths } from "./ops.d.ts";

export type Product = components["schemas"]["Product"];
export type Topic = components["schemas"]["Topic"];
export type Explanation = components["schemas"]["Explanation"];
export type Colleague = components["schemas"]["Colleague"];
export type Question = NonNullable<paths["/access/explain"]["post"]["requestBody"]>["content"]["application/json"];

export const useCatalogue = () => useQuery({ queryKey: ["catalogue"], queryFn: () => answerOf(api.GET("/catalogue")) });

/** What can be asked; it changes only with a release. */
export const useQuestions = () =>
  useQuery({
    queryKey: ["questions"],
    queryFn: () => answerOf(api.GET("/access/questions")),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Asked once for each question, and again by a press of a button: each time is on record. Undefined: nothing is asked. */
export const useExplanation = (question: Question | undefined) =>
  useQuery({
    queryKey: ["explanation", question],
    queryFn: () => answerOf(api.POST("/access/explain", { body: question! })),
    enabled: question !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

const PAGE = 100;

/** Who works here, by name, a page at a time. */
export const useColleagues = () =>
  useInfiniteQuery({
    queryKey: ["colleagues"],
    queryFn: ({ pageParam }) =>
      answerOf(
        api.GET("/access/colleagues", {
          params: { query: { limit: PAGE, ...(pageParam ? { after: pageParam } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    staleTime: 60_000,
  });
