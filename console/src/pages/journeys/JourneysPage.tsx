// Journeys: what became of a message, step by step.

import { Anchor, Badge, Stack, Table, Text } from "@mantine/core";
import { Link, useParams, useRouterState } from "@tanstack/react-router";
import { type Journey, useJourneys } from "../../api/journeys.ts";
import { Answered, Empty, PageHead } from "../../states/States.tsx";
import { When } from "../../words/When.tsx";
import { Timeline } from "./Timeline.tsx";

const colours = { running: "blue", waiting: "yellow", complete: "green" } as const;

/** What the search box found. The key is in memory alone: a reload asks for it again. */
export function JourneysPage() {
  const key = useRouterState({ select: ({ location }) => (location.state as { sought?: string }).sought });
  const journeys = useJourneys(key);
  return (
    <Stack>
      <PageHead title="Journeys">Find one by NHS number, local identifier, control id or its own id, above.</PageHead>
      {key === undefined ? (
        <Empty>Nothing is looked for yet.</Empty>
      ) : (
        <Answered query={journeys} isEmpty={(all) => all.length === 0} empty="No journey goes by that.">
          {(all) => (
            <Table highlightOnHover aria-label="Journeys found">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Received</Table.Th>
                  <Table.Th>Channel</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Journey</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Td>
                      <When at={one.receivedAt} />
                    </Table.Td>
                    <Table.Td>{one.channel}</Table.Td>
                    <Table.Td>
                      <State of={one} />
                    </Table.Td>
                    <Table.Td>
                      <Anchor component={Link} to={`/journeys/${one.id}`}>
                        {one.id}
                      </Anchor>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Answered>
      )}
    </Stack>
  );
}

/** One journey on a page of its own: its id says nothing of anybody, so it may stand in the address. */
export function JourneyPage() {
  const { id } = useParams({ from: "/journeys/$id" });
  return (
    <Answered query={useJourneys(id)} isEmpty={(all) => all.length === 0} empty="There is no such journey.">
      {([journey]) => (
        <Stack>
          <PageHead title="Journey" actions={<State of={journey!} />}>
            <Text component="span" ff="monospace">
              {id}
            </Text>
          </PageHead>
          <Timeline journey={journey!} />
          {(journey!.work ?? []).map((item) => (
            <Anchor key={item.id} component={Link} to={`/work/${item.id}`}>
              {item.title} ({item.state})
            </Anchor>
          ))}
        </Stack>
      )}
    </Answered>
  );
}

const State = ({ of: { state } }: { readonly of: Journey }) =>
  state ? <Badge color={colours[state]}>{state}</Badge> : null;
