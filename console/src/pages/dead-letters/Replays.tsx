// Bulk replays so far: each is a job of the platform, whether anybody looks or not.

import { Anchor, Badge, Table, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Replay, useReplays } from "../../api/dead-letters.ts";
import { Answered } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { When } from "../../words/When.tsx";

const looks: Readonly<Record<string, readonly [string, string]>> = {
  previewed: ["gray", "not started"],
  running: ["blue", "running"],
  paused: ["yellow", "paused"],
  done: ["green", "done"],
  cancelled: ["red", "ended early"],
};

export const ReplayState = ({ of }: { readonly of: Replay }) => (
  <Badge color={looks[of.state ?? ""]?.[0] ?? "gray"}>{looks[of.state ?? ""]?.[1] ?? of.state}</Badge>
);

export function Replays() {
  return (
    <section aria-labelledby="replays">
      <Title order={2} size="h4" id="replays" mb="xs">
        Replays of many at once
      </Title>
      <Answered query={useReplays()} isEmpty={(all) => all.length === 0} empty="Nobody has replayed many at once.">
        {(all) => (
          <Wide minWidth={640}>
            <Table verticalSpacing={6} aria-labelledby="replays">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Looked at</Table.Th>
                  <Table.Th>By</Table.Th>
                  <Table.Th ta="right">Messages</Table.Th>
                  <Table.Th ta="right">Went through</Table.Th>
                  <Table.Th ta="right">Stopped again</Table.Th>
                  <Table.Th>State</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Td>
                      <Anchor component={Link} to={`/dead-letters/replays/${one.id}`}>
                        <When at={one.previewedAt} />
                      </Anchor>
                    </Table.Td>
                    <Table.Td>{one.startedBy ?? one.previewedBy}</Table.Td>
                    <Table.Td ta="right">{one.targets}</Table.Td>
                    <Table.Td ta="right">{one.counts?.through ?? 0}</Table.Td>
                    <Table.Td ta="right">{one.counts?.failed ?? 0}</Table.Td>
                    <Table.Td>
                      <ReplayState of={one} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </Answered>
    </section>
  );
}
