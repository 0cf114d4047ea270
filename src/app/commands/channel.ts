// `lockgate channel`: lists channels, pauses and resumes them, stops and starts them.

import type { ChannelState } from "#engine/channels";
import { type Caller, call } from "../client.ts";
import { EXIT, show, table } from "../output.ts";

type Listing = {
  channels: ChannelState[];
  addresses: Record<string, string>;
  backlog: { subscription: string; unread: number; waiting: number; dead: number; pausedReason: string | null }[];
};

export async function listChannels(caller: Caller, json: boolean): Promise<number> {
  const listing = await call<Listing>(caller, "GET", "/channels");
  show(json, listing, () =>
    [
      table([
        ["channel", "state", "address", "reason"],
        ...listing.channels.map((one) => [
          one.name,
          one.state,
          listing.addresses[`channel ${one.name}`] ?? "",
          one.reason ?? "",
        ]),
      ]),
      "",
      table([
        ["subscription", "unread", "waiting", "dead", "paused"],
        ...listing.backlog.map((one) => [
          one.subscription,
          `${one.unread}`,
          `${one.waiting}`,
          `${one.dead}`,
          one.pausedReason ?? "",
        ]),
      ]),
    ].join("\n"),
  );
  return EXIT.done;
}

export async function setChannel(
  caller: Caller,
  name: string,
  state: ChannelState["state"],
  reason: string | undefined,
  json: boolean,
): Promise<number> {
  const answer = await call<{ state: string }>(caller, "POST", `/channels/${encodeURIComponent(name)}/state`, {
    state,
    ...(reason ? { reason } : {}),
  });
  show(json, answer, () => `${name}: ${answer.state}`);
  return EXIT.done;
}
