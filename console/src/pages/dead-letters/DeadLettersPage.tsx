// Dead letters: what could not be handled, by cause. Nothing here deletes; a replay gives a message its old place back.

import { Anchor, Badge, Button, Stack, Table, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type DeadLetter, useDeadLetters, useReplay } from "../../api/dead-letters.ts";
import { problemOf } from "../../api/problem.ts";
import { Empty, Failed, Loading, PageHead } from "../../states/States.tsx";
import { When } from "../../words/When.tsx";

export function DeadLettersPage() {
  const letters = useDeadLetters();
  return (
    <Stack>
      <PageHead title="Dead letters">Messages that could not be handled, by what stopped them.</PageHead>
      {letters.isPending && <Loading />}
      {letters.isError && <Failed problem={problemOf(letters.error)} retry={() => letters.refetch()} />}
      {letters.data && <ByCause letters={letters.data.pages.flatMap(({ deadLetters }) => deadLetters)} />}
      {letters.hasNextPage && (
        <Button variant="default" onClick={() => letters.fetchNextPage()} loading={letters.isFetchingNextPage}>
          Show more
        </Button>
      )}
    </Stack>
  );
}

function ByCause({ letters }: { readonly letters: readonly DeadLetter[] }) {
  const replay = useReplay();
  if (letters.length === 0) return <Empty>Every message could be handled.</Empty>;
  return (
    <>
      {replay.isError && <Failed problem={problemOf(replay.error)} />}
      {[...Map.groupBy(letters, ({ reason }) => reason ?? "unknown")].map(([reason, all]) => (
        <section key={reason} aria-label={reason}>
          <Title order={2} size="h4">
            {reason} <Badge color="red">{all.length}</Badge>
          </Title>
          <Table aria-label={`Stopped by ${reason}`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Since</Table.Th>
                <Table.Th>Subscription</Table.Th>
                <Table.Th ta="right">Attempts</Table.Th>
                <Table.Th>Journey</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th ta="right">What may be done</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map((letter) => (
                <Table.Tr key={`${letter.subscription} ${letter.position}`}>
                  <Table.Td>
                    <When at={letter.parkedAt} />
                  </Table.Td>
                  <Table.Td>{letter.subscription}</Table.Td>
                  <Table.Td ta="right">{letter.attempt}</Table.Td>
                  <Table.Td>
                    <Anchor component={Link} to={`/journeys/${letter.journeyId}`}>
                      {letter.journeyId?.slice(0, 8)}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{letter.state}</Table.Td>
                  <Table.Td ta="right">
                    <Button
                      size="xs"
                      variant="default"
                      loading={replay.isPending}
                      onClick={() => replay.mutate(letter)}
                    >
                      Replay
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </section>
      ))}
    </>
  );
}
