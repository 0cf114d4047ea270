// Dead letters: what could not be handled, by cause. Nothing here deletes; a replay gives a message its old place back.

import { Anchor, Badge, Button, Group, SegmentedControl, Stack, Table, Text, Title } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type DeadLetter, useDeadLetters, usePreview, useReplay } from "../../api/dead-letters.ts";
import { problemOf } from "../../api/problem.ts";
import { useSession } from "../../shell/session.tsx";
import { Empty, Failed, Loading, PageHead } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { addressOf } from "../../words/addresses.ts";
import { reasonOf } from "../../words/reasons.ts";
import { When } from "../../words/When.tsx";
import { Replays } from "./Replays.tsx";

const route = getRouteApi("/dead-letters");
const STEERERS = ["operator", "integration-engineer"];

export function DeadLettersPage() {
  const filter = route.useSearch();
  const { state, ...narrowed } = filter;
  const navigate = route.useNavigate();
  const letters = useDeadLetters(filter);
  const only = [
    narrowed.channel && `what came by the channel ${narrowed.channel}`,
    narrowed.subscription && `what lies in the queue ${narrowed.subscription}`,
    narrowed.reason && `what ${narrowed.reason} stopped`,
  ].filter(Boolean);
  return (
    <Stack gap="xl">
      <PageHead title="Dead letters">
        Messages that could not be handled, by what stopped them. They stay on record, whatever is done with them.
      </PageHead>
      <Stack gap="xs" align="flex-start">
        <SegmentedControl
          aria-label="Which messages"
          data={[
            { value: "dead", label: "Stopped" },
            { value: "waiting", label: "To be tried again" },
          ]}
          value={state ?? "dead"}
          onChange={(chosen) =>
            navigate({ search: { ...narrowed, ...(chosen === "waiting" ? { state: chosen } : {}) } })
          }
        />
        {only.length > 0 && (
          <Group gap="xs">
            <Text>Only {only.join(", and ")}.</Text>
            <Anchor component={Link} underline="always" to={addressOf("/dead-letters", { state })}>
              Show all
            </Anchor>
          </Group>
        )}
      </Stack>
      {letters.isPending && <Loading />}
      {letters.isError && <Failed problem={problemOf(letters.error)} retry={() => letters.refetch()} />}
      {letters.data && (
        <ByCause
          letters={letters.data.pages.flatMap(({ deadLetters }) => deadLetters)}
          isPartial={letters.hasNextPage}
          isOfAll={!narrowed.channel && !narrowed.subscription && !state}
          empty={
            state === "waiting"
              ? "No message waits for another attempt."
              : only.length > 0
                ? "There is no such message."
                : "Every message could be handled."
          }
        />
      )}
      {letters.hasNextPage && (
        <Group>
          <Button variant="default" onClick={() => letters.fetchNextPage()} loading={letters.isFetchingNextPage}>
            Show more
          </Button>
          <Text c="dimmed">Only the newest are shown.</Text>
        </Group>
      )}
      {letters.data && <Replays />}
    </Stack>
  );
}

function ByCause({
  letters,
  isPartial,
  isOfAll,
  empty,
}: {
  readonly letters: readonly DeadLetter[];
  readonly isPartial: boolean;
  readonly isOfAll: boolean;
  readonly empty: string;
}) {
  if (letters.length === 0) return <Empty>{empty}</Empty>;
  const groups = [...Map.groupBy(letters, ({ reason }) => reason ?? "unknown")].sort(
    ([, one], [, other]) => other.length - one.length,
  );
  return groups.map(([reason, all]) => (
    <Cause key={reason} reason={reason} letters={all} isPartial={isPartial} isOfAll={isOfAll} />
  ));
}

/** All letters that one cause stopped. */
function Cause({
  reason,
  letters,
  isPartial,
  isOfAll,
}: {
  readonly reason: string;
  readonly letters: readonly DeadLetter[];
  readonly isPartial: boolean;
  /** A bulk replay is of all letters of a cause, whatever channel they came by: it is offered where they are shown. */
  readonly isOfAll: boolean;
}) {
  const { roles } = useSession().person;
  const navigate = useNavigate();
  const preview = usePreview();
  const replay = useReplay();
  const maySteer = roles.some((role) => STEERERS.includes(role));
  const look = () =>
    preview.mutate(
      { code: reason },
      { onSuccess: ({ replay: { id } }) => navigate({ to: "/dead-letters/replays/$id", params: { id: id ?? "" } }) },
    );
  const said = reasonOf(reason) ?? letters[0]?.description?.replace(/ \([^)]*\)$/, "");
  return (
    <section aria-label={reason}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          {letters.length}
          {isPartial && "+"} {letters.length === 1 ? "message" : "messages"}: {said ?? reason}{" "}
          <Text span size="sm" c="dimmed" ff="monospace">
            {reason}
          </Text>
        </Title>
        {maySteer && isOfAll && letters.length > 1 && (
          <Button variant="default" onClick={look} loading={preview.isPending}>
            Try all of them again
          </Button>
        )}
      </Group>
      {preview.isError && <Failed problem={problemOf(preview.error)} />}
      {replay.isError && <Failed problem={problemOf(replay.error)} />}
      <Wide minWidth={720}>
        <Table verticalSpacing={6} aria-label={`Stopped by ${reason}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Stopped</Table.Th>
              <Table.Th>Where</Table.Th>
              <Table.Th>What is wrong</Table.Th>
              <Table.Th ta="right">Attempts</Table.Th>
              <Table.Th>Journey</Table.Th>
              <Table.Th>
                <span className="visually-hidden">What may be done</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {letters.map((letter) => (
              <Table.Tr key={`${letter.subscription} ${letter.position}`}>
                <Table.Td>
                  <When at={letter.parkedAt} isRelative />
                </Table.Td>
                <Table.Td>{letter.subscription}</Table.Td>
                <Table.Td>{letter.description}</Table.Td>
                <Table.Td ta="right">{letter.attempt}</Table.Td>
                <Table.Td>
                  <Anchor component={Link} inherit to={`/journeys/${letter.journeyId}`}>
                    Look at it
                  </Anchor>
                </Table.Td>
                <Table.Td ta="right">
                  {letter.state === "dead" && maySteer ? (
                    <Group gap="xs" justify="flex-end" wrap="nowrap">
                      {letter.mendable && (
                        <Button
                          size="xs"
                          variant="default"
                          component={Link}
                          to={`/dead-letters/${letter.subscription}/${letter.position}`}
                        >
                          Mend
                        </Button>
                      )}
                      <Button
                        size="xs"
                        variant="default"
                        loading={replay.isPending}
                        onClick={() => replay.mutate(letter)}
                      >
                        Replay
                      </Button>
                    </Group>
                  ) : (
                    <Fate of={letter} />
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </section>
  );
}

/** What comes of a letter by itself. */
const Fate = ({ of: { state, nextAt } }: { readonly of: DeadLetter }) =>
  state === "waiting" && nextAt ? (
    <Text size="sm" component="div">
      tried again <When at={nextAt} isRelative />
    </Text>
  ) : (
    <Badge color="gray">{state === "dead" ? "stopped" : state}</Badge>
  );
