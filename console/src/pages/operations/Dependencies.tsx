// The systems that the platform calls: whether they answer, and whether calls to them are held back.

import { Badge, Table, Text } from "@mantine/core";
import type { Operations } from "../../api/overview.ts";
import { Empty } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { count } from "../../words/counts.ts";
import { duration } from "../../words/time.ts";
import { When } from "../../words/When.tsx";
import { systemName } from "./systems.ts";

const states = {
  up: { colour: "green", said: "answers" },
  troubled: { colour: "yellow", said: "fails at times" },
  down: { colour: "red", said: "does not answer" },
  quiet: { colour: "gray", said: "not called lately" },
} as const;

export function Dependencies({ dependencies }: { readonly dependencies: Operations["dependencies"] }) {
  if (dependencies.length === 0) return <Empty>Nothing has been called yet.</Empty>;
  return (
    <Wide minWidth={700}>
      <Table aria-label="Systems">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>System</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th ta="right">Calls</Table.Th>
            <Table.Th ta="right">Failed</Table.Th>
            <Table.Th ta="right">Time for one</Table.Th>
            <Table.Th>Breaker</Table.Th>
            <Table.Th>Last failure</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {dependencies.map(({ name, state, calls, failed, meanMs, breaker, lastFailedAt, lastCode }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{systemName(name)}</Table.Th>
              <Table.Td>
                <Badge color={states[state].colour}>{states[state].said}</Badge>
              </Table.Td>
              <Table.Td ta="right">{count(calls)}</Table.Td>
              <Table.Td ta="right" fw={failed > 0 ? 700 : 400}>
                {count(failed)}
              </Table.Td>
              <Table.Td ta="right">{meanMs === null ? "—" : duration(meanMs)}</Table.Td>
              <Table.Td>
                {breaker === null ? (
                  "none"
                ) : (
                  <Badge color={breaker === "open" ? "red" : "green"}>
                    {breaker === "open" ? "open: calls are held back" : "closed: calls go through"}
                  </Badge>
                )}
              </Table.Td>
              <Table.Td>
                {lastFailedAt ? (
                  <>
                    <When at={lastFailedAt} isRelative />
                    <Text size="sm" ff="monospace">
                      {lastCode}
                    </Text>
                  </>
                ) : (
                  "none"
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
