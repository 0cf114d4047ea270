// The topics of the platform, as the AsyncAPI documents say them, with who reads each.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Info, resolved } from "./contracts/documents.ts";

/** One topic of one version of a product. */
export type Topic = {
  /** Where a message goes; in braces what differs by system. */
  readonly topic: string;
  readonly product: string;
  readonly version: string;
  readonly owner: string;
  readonly criticality: Info["x-lockgate-criticality"];
  readonly says: string;
  readonly carries: readonly { readonly name: string; readonly contentType: string; readonly summary: string }[];
  /** Whether the platform tells it, takes it, or both. */
  readonly ways: readonly ("told" | "taken")[];
};

/** A topic with the subscriptions that read it. */
export type ReadTopic = Topic & { readonly consumers: readonly string[] };

/** AsyncAPI 3.0, as far as the catalogue reads it; references are followed. */
type Document = {
  readonly info: Info;
  readonly channels: { readonly [name: string]: Channel };
  readonly operations: { readonly [name: string]: { readonly action: "send" | "receive"; readonly channel: Channel } };
};
type Channel = {
  readonly address: string;
  readonly description: string;
  readonly messages: { readonly [name: string]: Topic["carries"][number] };
};

/** Reads the documents of a folder, by name. @throws CONTRACT_INVALID */
export const readTopics = (folder: string): readonly Topic[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .flatMap((file) => topicsOf(resolved(file, parse(readFileSync(join(folder, file), "utf8"))) as Document));

const topicsOf = ({ info, channels, operations }: Document): Topic[] =>
  Object.values(channels).map(({ address, description, messages }) => {
    const actions = Object.values(operations).flatMap(({ action, channel }) =>
      channel.address === address ? [action] : [],
    );
    return {
      topic: address,
      product: info["x-lockgate-product"],
      version: info.version,
      owner: info["x-lockgate-owner"],
      criticality: info["x-lockgate-criticality"],
      says: description,
      carries: Object.values(messages).map(({ name, contentType, summary }) => ({ name, contentType, summary })),
      ways: [
        ...(actions.includes("send") ? ["told" as const] : []),
        ...(actions.includes("receive") ? ["taken" as const] : []),
      ],
    };
  });

/** What tells a system in an address is a name of small letters. */
const isAt = (address: string, topic: string): boolean =>
  new RegExp(`^${address.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[a-z0-9-]+")}$`).test(topic);

/** The topics with whoever reads them. */
export const readBy = (
  topics: readonly Topic[],
  subscriptions: readonly { readonly subscription: string; readonly topic: string }[],
): ReadTopic[] =>
  topics.map((one) => ({
    ...one,
    consumers: subscriptions
      .flatMap(({ subscription, topic }) => (isAt(one.topic, topic) ? [subscription] : []))
      .sort(),
  }));
