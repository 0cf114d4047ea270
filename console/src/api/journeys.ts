// Journeys, as pages ask for them.

import { useMutation, useQuery } from "@tanstack/react-query";
import { bytesOf } from "../proofs/bytes.ts";
import { answerOf, api } from "./client.ts";
import type { components } from "./ops.d.ts";

export type Journey = components["schemas"]["Journey"];
export type Milestone = NonNullable<Journey["milestones"]>[number];
export type Saga = components["schemas"]["Saga"];
export type Leaf = components["schemas"]["AuditLeaf"];
export type Revealed = components["schemas"]["DeadLetterWhole"];
export type Stated = components["schemas"]["StatedField"];

const LOOK_EVERY_MS = 3_000;

/** What goes by a key: it may be a patient's number, so it travels in the body. Each search is recorded. */
export const useJourneys = (key: string | undefined) =>
  useQuery({
    queryKey: ["journeys", key],
    queryFn: async () => (await answerOf(api.POST("/journeys/search", { body: { key: key ?? "" } }))).journeys,
    enabled: key !== undefined,
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === "running") ? LOOK_EVERY_MS : false),
  });

/** Other journeys of whoever this one is about. */
export const useRelated = (id: string) =>
  useQuery({
    queryKey: ["journeys", id, "related"],
    queryFn: async () => (await answerOf(api.GET("/journeys/{id}/related", { params: { path: { id } } }))).journeys,
  });

/** The sagas of a journey, each with its picture. */
export const useSagas = (journey: string) =>
  useQuery({
    queryKey: ["sagas", journey],
    queryFn: async () => {
      const { instances } = await answerOf(api.GET("/sagas/instances", { params: { query: { journey } } }));
      return Promise.all(
        instances.map(({ id = "" }) => answerOf(api.GET("/sagas/instances/{id}", { params: { path: { id } } }))),
      );
    },
  });

/** What the audit holds of a journey, the oldest first. */
export const useLeaves = (journeyId: string, isWanted: boolean) =>
  useQuery({
    queryKey: ["audit", "journey", journeyId],
    queryFn: async () =>
      (await answerOf(api.POST("/audit/search", { body: { journeyId, limit: 200 } }))).leaves.toReversed(),
    enabled: isWanted,
  });

/** Headers hold few characters: what they cannot hold of a reason is marked. */
export const asHeader = (text: string): string => text.replaceAll(/[^\x20-\x7e\u00a0-\u00ff]/g, "?");

/** Where a message lies that could not be handled. */
export type Lying = { readonly subscription: string; readonly position: number };

/** Why somebody looks. In an emergency they are shown all of it, and somebody looks at that later. */
type Look = { readonly reason: string; readonly isEmergency?: boolean };

/** The text of a message that came as base64. */
export const textOf = (base64 = ""): string => new TextDecoder().decode(bytesOf(base64));

/**
 * The bytes of the message that a journey began with; of one that lies among the dead letters, with what is wrong with it.
 * To look is recorded, with the reason.
 */
export const useReveal = (id: string, letter: Lying | undefined) =>
  useMutation({
    mutationFn: async ({ reason, isEmergency = false }: Look): Promise<Revealed> => {
      const header = {
        "Access-Reason": asHeader(reason),
        ...(isEmergency ? { "Purpose-Of-Use": "break-glass" as const } : {}),
      };
      if (!letter)
        return answerOf<Revealed>(api.GET("/messages/{id}/content", { params: { path: { id }, header } }) as never);
      const path = { subscription: letter.subscription, position: String(letter.position) };
      return answerOf(api.GET("/dead-letters/{subscription}/{position}", { params: { path, header } } as never));
    },
  });
