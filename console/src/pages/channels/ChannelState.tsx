// How a channel stands, in a word.

import { Badge } from "@mantine/core";

const states = {
  started: { colour: "green", said: "running" },
  paused: { colour: "yellow", said: "paused" },
  stopped: { colour: "red", said: "stopped" },
} as const;

export function ChannelState({ state }: { readonly state: keyof typeof states }) {
  const { colour, said } = states[state];
  return <Badge color={colour}>{said}</Badge>;
}
