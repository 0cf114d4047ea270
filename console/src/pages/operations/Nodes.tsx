// The processes of the platform, and the leases by which each of them works its share.

import { Badge, Table, Text } from "@mantine/core";
import type { Operations } from "../../api/overview.ts";
import { Empty } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { many } from "../../words/counts.ts";
import { When } from "../../words/When.tsx";

export function Nodes({ nodes }: { readonly nodes: Operations["nodes"] }) {
  if (nodes.length === 0) return <Empty>No node has told of itself yet.</Empty>;
  return (
    <Wide minWidth={700}>
      <Table aria-label="Nodes">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Node</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Does</Table.Th>
            <Table.Th>Works</Table.Th>
            <Table.Th>Lease</Table.Th>
            <Table.Th>Started</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {nodes.map(({ id, roles, isGone, seenAt, subscriptions, partitions, leaseTill, startedAt }) => (
            <Table.Tr key={id}>
              <Table.Th scope="row" ff="monospace">
                {id.slice(-8)}
              </Table.Th>
              <Table.Td>
                <Badge miw="max-content" color={isGone ? "red" : "green"}>
                  {isGone ? "gone" : "at work"}
                </Badge>
                {isGone && (
                  <Text size="sm" component="div">
                    last seen <When at={seenAt} isRelative />
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{roles.join(", ")}</Table.Td>
              <Table.Td>
                {many(partitions, "partition")} of {many(subscriptions, "queue")}
              </Table.Td>
              <Table.Td>
                {leaseTill ? (
                  <>
                    runs out <When at={leaseTill} isRelative /> unless it is renewed
                  </>
                ) : (
                  "none"
                )}
              </Table.Td>
              <Table.Td>
                <When at={startedAt} isRelative />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
