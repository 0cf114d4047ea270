// The channels and where they listen, and how many messages wait behind each subscription.

import { Badge, SimpleGrid, Table, Title } from "@mantine/core";
import { useChannels } from "../../api/channels.ts";
import { Answered } from "../../states/States.tsx";

const colours: Readonly<Record<string, string>> = { started: "green", paused: "yellow", stopped: "red" };

export function Flows() {
  const channels = useChannels();
  return (
    <Answered query={channels}>
      {({ channels: all, addresses, backlog }) => (
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
          <section aria-labelledby="channels">
            <Title order={2} size="h4" id="channels" mb="xs">
              Channels
            </Title>
            <Table aria-labelledby="channels">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Channel</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Listens on</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map(({ name, state, reason }) => (
                  <Table.Tr key={name}>
                    <Table.Td>{name}</Table.Td>
                    <Table.Td>
                      <Badge color={colours[state] ?? "gray"} title={reason ?? undefined}>
                        {state}
                      </Badge>
                    </Table.Td>
                    <Table.Td ff="monospace">{addresses[`channel ${name}`] ?? "—"}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </section>
          <section aria-labelledby="subscriptions">
            <Title order={2} size="h4" id="subscriptions" mb="xs">
              Subscriptions
            </Title>
            <Table aria-labelledby="subscriptions">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Subscription</Table.Th>
                  <Table.Th ta="right">Messages waiting</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {backlog.map(({ subscription = "", waiting = 0 }) => (
                  <Table.Tr key={subscription}>
                    <Table.Td>{subscription}</Table.Td>
                    <Table.Td ta="right">{waiting}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </section>
        </SimpleGrid>
      )}
    </Answered>
  );
}
