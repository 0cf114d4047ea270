// Messages that channels took in, by channel and state; each leads to its journey.

import { Anchor, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState } from "react";
import { type Message, type MessageFilter, type MessageState, useMessages } from "../../api/messages.ts";
import { useOperations } from "../../api/overview.ts";
import { problemOf } from "../../api/problem.ts";
import { Failed, Loading, PageHead } from "../../states/States.tsx";
import { Drill } from "../../tables/Drill.tsx";
import { rowsWith } from "../../tables/rows-with.ts";
import { addressOf } from "../../words/addresses.ts";
import { inLondon } from "../../words/time.ts";
import { countedWords } from "./counted.ts";
import { MessageTable } from "./MessageTable.tsx";

const route = getRouteApi("/messages");
const told = ({ channel, state, code = "", controlId = "" }: Message): string =>
  `${channel} ${state} ${code} ${controlId}`;
const states = [
  { value: "open", label: "Under way" },
  { value: "complete", label: "Complete" },
  { value: "refused", label: "Refused" },
  { value: "filtered", label: "Went nowhere" },
];

export function MessagesPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const messages = useMessages(filter);
  const operations = useOperations();
  const [text, setText] = useState("");
  const sought = useDeferredValue(text);
  const all = useMemo(() => messages.data?.pages.flatMap((page) => page.messages) ?? [], [messages.data]);
  const { channel: ofChannel, ...others } = filter;
  const { state: inState, since, until } = others;
  const chooseChannel = (channel: string | null) =>
    navigate({ search: { ...others, ...(channel ? { channel } : {}) } });
  // What was counted by a figure is another question than how messages stand now.
  const chooseState = (state: string | null) =>
    navigate({
      search: {
        ...(since ? { since } : {}),
        ...(until ? { until } : {}),
        ...(ofChannel ? { channel: ofChannel } : {}),
        ...(state ? { state: state as MessageState } : {}),
      },
    });
  return (
    <Stack>
      <PageHead title="Messages">
        What channels took in, the newest first. To look for one by a number, use the box at the top.
      </PageHead>
      <Group>
        <Select
          label="Channel"
          data={operations.data?.flows.map(({ channel }) => channel) ?? (ofChannel ? [ofChannel] : [])}
          value={ofChannel ?? null}
          placeholder="All"
          clearable
          clearButtonProps={{ "aria-label": "All channels" }}
          onChange={chooseChannel}
        />
        <Select
          label="State"
          data={states}
          value={inState ?? null}
          placeholder="All"
          clearable
          clearButtonProps={{ "aria-label": "All states" }}
          onChange={chooseState}
        />
        <TextInput
          label="Find among these"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
      </Group>
      <Narrowed filter={filter} />
      {messages.isPending && <Loading />}
      {messages.isError && <Failed problem={problemOf(messages.error)} retry={() => messages.refetch()} />}
      {messages.data && (
        <MessageTable
          messages={rowsWith(all, sought, told)}
          empty={messages.hasNextPage ? "None among the newest. Look further back." : "There are no such messages."}
        />
      )}
      {messages.hasNextPage && (
        <Group>
          <Button variant="default" onClick={() => messages.fetchNextPage()} loading={messages.isFetchingNextPage}>
            Look further back
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** What a figure that led here has counted, and the way to everything else. */
function Narrowed({ filter }: { readonly filter: MessageFilter }) {
  const { channel, counted, since, until } = filter;
  if (!counted && !since && !until) return null;
  const period = [since && `from ${inLondon(since)}`, until && `to ${inLondon(until)}`].filter(Boolean).join(" ");
  return (
    <Group gap="xs" role="status">
      <Text>
        {countedWords(filter)}
        {period && `, ${period}`}.
      </Text>
      {counted === "failed" && (
        <Drill to={addressOf("/dead-letters", { channel })} td="underline">
          Repair them
        </Drill>
      )}
      <Anchor component={Link} underline="always" to={addressOf("/messages", { channel })}>
        Show all
      </Anchor>
    </Group>
  );
}
