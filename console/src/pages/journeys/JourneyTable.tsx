// Journeys in a list, each with the way to its own page.

import { Anchor, Badge, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Journey } from "../../api/journeys.ts";
import { Wide } from "../../tables/Wide.tsx";
import { isAside, stepWord } from "../../words/milestones.ts";
import { When } from "../../words/When.tsx";

const looks = {
  running: ["blue", "running"],
  waiting: ["yellow", "waits for a person"],
  complete: ["green", "complete"],
} as const;

export const State = ({ of: { state } }: { readonly of: Journey }) =>
  state ? <Badge color={looks[state][0]}>{looks[state][1]}</Badge> : null;

export function JourneyTable({ journeys, label }: { readonly journeys: readonly Journey[]; readonly label: string }) {
  return (
    <Wide minWidth={680}>
      <Table highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Received</Table.Th>
            <Table.Th>Channel</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Last step</Table.Th>
            <Table.Th>Journey</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {journeys.map((one) => {
            const last = (one.milestones ?? []).findLast(({ name }) => !isAside(name));
            return (
              <Table.Tr key={one.id}>
                <Table.Td>
                  <When at={one.receivedAt} />
                </Table.Td>
                <Table.Td>{one.channel}</Table.Td>
                <Table.Td>
                  <State of={one} />
                </Table.Td>
                <Table.Td>{last && stepWord(last.name)}</Table.Td>
                <Table.Td>
                  <Anchor component={Link} to={`/journeys/${one.id}`} ff="monospace" size="sm">
                    {one.id}
                  </Anchor>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
