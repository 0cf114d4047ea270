// Messages that channels took in, by channel and state; each leads to its journey.

import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState } from "react";
import { type Message, type MessageState, useMessages } from "../../api/messages.ts";
import { useOperations } from "../../api/overview.ts";
import { problemOf } from "../../api/problem.ts";
import { Failed, Loading, PageHead } from "../../states/States.tsx";
import { rowsWith } from "../../tables/rows-with.ts";
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
  const choose = (more: { channel?: string | null; state?: string | null }) => {
    const chosen = { ...filter, ...more };
    return navigate({
      search: {
        ...(chosen.channel ? { channel: chosen.channel } : {}),
        ...(chosen.state ? { state: chosen.state as MessageState } : {}),
      },
    });
  };
  return (
    <Stack>
      <PageHead title="Messages">
        What channels took in, the newest first. To look for one by a number, use the box at the top.
      </PageHead>
      <Group>
        <Select
          label="Channel"
          data={operations.data?.flows.map(({ channel }) => channel) ?? (filter.channel ? [filter.channel] : [])}
          value={filter.channel ?? null}
          placeholder="All"
          clearable
          clearButtonProps={{ "aria-label": "All channels" }}
          onChange={(channel) => choose({ channel })}
        />
        <Select
          label="State"
          data={states}
          value={filter.state ?? null}
          placeholder="All"
          clearable
          clearButtonProps={{ "aria-label": "All states" }}
          onChange={(state) => choose({ state })}
        />
        <TextInput
          label="Find among these"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
      </Group>
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
