// Messages as lines: when, how each stands, and its journey. Nothing of what they say.

import { Anchor, Badge, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Message } from "../../api/messages.ts";
import { Empty } from "../../states/States.tsx";
import { When } from "../../words/When.tsx";

const states: Readonly<Record<string, { readonly colour: string; readonly said: string }>> = {
  refused: { colour: "red", said: "refused" },
  filtered: { colour: "gray", said: "went nowhere" },
  open: { colour: "yellow", said: "under way" },
  complete: { colour: "green", said: "complete" },
};

export function MessageTable({ messages, empty }: { readonly messages: readonly Message[]; readonly empty: string }) {
  if (messages.length === 0) return <Empty>{empty}</Empty>;
  return (
    <Table.ScrollContainer minWidth={600}>
      <Table aria-label="Messages">
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
        <Table.Tbody>
          {messages.map(({ id = "", journeyId = id, channel, controlId, receivedAt, state = "", code }) => (
            <Table.Tr key={id}>
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
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
