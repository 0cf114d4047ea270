// What was tried and done about an item before.

import { List, Text, Title } from "@mantine/core";
import type { Item } from "../../api/work.ts";
import { actionWord, deedWord } from "../../words/deeds.ts";
import { wordOf } from "../../words/fields.ts";
import { reasonOf } from "../../words/reasons.ts";
import { When } from "../../words/When.tsx";

type Deed = NonNullable<Item["history"]>[number];

const sentence = ({ by, deed, to, action, refused, comment }: Deed): string =>
  [
    [by, deedWord(deed), to, action ? actionWord(action).toLowerCase() : undefined].filter(Boolean).join(" "),
    refused?.length ? `without ${refused.map(wordOf).join(", ")}` : undefined,
    comment ? `“${comment}”` : undefined,
  ]
    .filter(Boolean)
    .join(", ");

export function Past({ item: { history = [], tried = [], reason } }: { readonly item: Item }) {
  const before = tried.filter((one) => one !== reason && one !== "merge").map((one) => reasonOf(one) ?? one);
  if (history.length + before.length === 0) return null;
  return (
    <section aria-labelledby="past">
      <Title order={2} size="h4" id="past" mb="xs">
        What happened so far
      </Title>
      <List>
        {before.map((one) => (
          <List.Item key={one}>Before anybody was asked: {one}</List.Item>
        ))}
        {history.map((one) => (
          <List.Item key={`${one.at} ${one.deed} ${one.by}`}>
            <Text span c="dimmed">
              <When at={one.at} />
            </Text>{" "}
            {sentence(one)}
          </List.Item>
        ))}
      </List>
    </section>
  );
}
