// Messages as lines: when, how each stands, and its journey. Nothing of what they say.

import { Anchor, Badge, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Message } from "../../api/messages.ts";
import { Empty } from "../../states/States.tsx";
import { Gap } from "../../tables/Gap.tsx";
import { useLongRows } from "../../tables/long-rows.ts";
import { Wide } from "../../tables/Wide.tsx";
import { When } from "../../words/When.tsx";

const states: Readonly<Record<string, { readonly colour: string; readonly said: string }>> = {
  refused: { colour: "red", said: "refused" },
  filtered: { colour: "gray", said: "went nowhere" },
  open: { colour: "yellow", said: "under way" },
  complete: { colour: "green", said: "complete" },
};

const ROW_PX = 43;

export function MessageTable({ messages, empty }: { readonly messages: readonly Message[]; readonly empty: string }) {
  return messages.length === 0 ? <Empty>{empty}</Empty> : <Rows messages={messages} />;
}

function Rows({ messages }: { readonly messages: readonly Message[] }) {
  const { body, places, beforePx, afterPx } = useLongRows(messages.length, ROW_PX);
  return (
    <Wide minWidth={600}>
      <Table aria-label="Messages" aria-rowcount={messages.length + 1}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Came in</Table.Th>
            <Table.Th>Channel</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Cause</Table.Th>
            <Table.Th>Control id</Table.Th>
            <Table.Th>Journey</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody ref={body}>
          <Gap px={beforePx} />
          {places.map((place) => (
            <Row key={messages[place]!.id} message={messages[place]!} place={place} />
          ))}
          <Gap px={afterPx} />
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function Row({ message, place }: { readonly message: Message; readonly place: number }) {
  const { id = "", journeyId = id, channel, controlId, receivedAt, state = "", code } = message;
  return (
    <Table.Tr aria-rowindex={place + 2}>
      <Table.Td>
        <When at={receivedAt} />
      </Table.Td>
      <Table.Td>{channel}</Table.Td>
      <Table.Td>
        <Badge color={states[state]?.colour ?? "gray"}>{states[state]?.said ?? state}</Badge>
      </Table.Td>
      <Table.Td ff="monospace">{code}</Table.Td>
      <Table.Td ff="monospace">{controlId}</Table.Td>
      <Table.Td>
        <Anchor component={Link} to={`/journeys/${journeyId}`}>
          {journeyId.slice(-8)}
        </Anchor>
      </Table.Td>
    </Table.Tr>
  );
}
