// Channels, as pages ask for them.

import { useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client.ts";

const LOOK_EVERY_MS = 5_000;

export const useChannels = () =>
  useQuery({
    queryKey: ["channels"],
    queryFn: () => answerOf(api.GET("/channels")),
    refetchInterval: LOOK_EVERY_MS,
  });
