// One bulk replay: exactly which messages, how fast and why; then how far it is and what became of each.

import {
  Alert,
  Anchor,
  Badge,
  Button,
  Group,
  NumberInput,
  Progress,
  Select,
  Stack,
  Table,
  Text,
  Textarea,
  Title,
} from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Replay, type ReplayItemState, useReplayItems, useReplayJob, useSteer } from "../../api/dead-letters.ts";
import { problemOf } from "../../api/problem.ts";
import { Answered, Failed, Loading, PageHead } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { When } from "../../words/When.tsx";
import { Code } from "../work/Code.tsx";
import { JobSteering } from "../work/JobSteering.tsx";
import { ReplayState } from "./Replays.tsx";

export function ReplayPage() {
  const { id } = useParams({ from: "/dead-letters/replays/$id" });
  const query = useReplayJob(id);
  return (
    <>
      {!query.data && <PageHead title="Replay" />}
      <Answered query={query}>
        {(replay) => (
          <Stack gap="xl">
            <PageHead title="Replay" actions={<ReplayState of={replay} />}>
              {replay.targets === 1 ? "One message" : `${replay.targets} messages`}, chosen by {replay.previewedBy}{" "}
              <When at={replay.previewedAt} isRelative />. Those that stop later are not among them.
            </PageHead>
            {replay.state === "previewed" ? <Start replay={replay} /> : <Course replay={replay} />}
            <Items replay={replay} />
          </Stack>
        )}
      </Answered>
    </>
  );
}

const DEFAULT_RATE = 5;

function Start({ replay: { id = "", targets = 0, digest = "" } }: { readonly replay: Replay }) {
  const steer = useSteer(id);
  const [perSecond, setPerSecond] = useState(DEFAULT_RATE);
  const [reason, setReason] = useState("");
  if (targets === 0) return <Alert title="There is nothing to replay">None of them is a dead letter any more.</Alert>;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        steer.mutate({ name: "start", digest, perSecond, reason: reason.trim() });
      }}
    >
      <Stack maw={560} align="flex-start">
        <Alert title={`${targets} ${targets === 1 ? "message takes" : "messages take"} the old place again`}>
          Each goes to the one subscription that it stopped at, and to no other. The stored bytes are used, under the
          same keys: what was done before is not done twice.
        </Alert>
        <NumberInput
          label="Messages in a second, at most"
          value={perSecond}
          onChange={(value) => setPerSecond(typeof value === "number" ? value : DEFAULT_RATE)}
          min={0.01}
          max={1_000}
          w={240}
        />
        <Textarea
          w="100%"
          label="Why they will go through now"
          description="Recorded with the replay"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={1_000}
        />
        <Button type="submit" disabled={reason.trim() === ""} loading={steer.isPending}>
          Start with {targets} {targets === 1 ? "message" : "messages"}
        </Button>
        {steer.isError && <Failed problem={problemOf(steer.error)} />}
      </Stack>
    </form>
  );
}

const fates: readonly (readonly [ReplayItemState, string, string])[] = [
  ["through", "went through", "green"],
  ["replayed", "under way", "blue"],
  ["failed", "stopped again", "red"],
  ["gone", "no longer dead", "gray"],
  ["left", "left out", "gray"],
  ["pending", "still to come", "gray"],
];

/** How far it is, and what steers it. */
function Course({ replay }: { readonly replay: Replay }) {
  const { id = "", targets = 0, counts = {}, startedBy, startedAt, perSecond, reason, endedAt } = replay;
  const steer = useSteer(id);
  const over = targets - (counts.pending ?? 0);
  return (
    <Stack gap="sm">
      <Text>
        Started by {startedBy} <When at={startedAt ?? undefined} />, {perSecond} a second at most: “{reason}”
        {endedAt && (
          <>
            . Ended <When at={endedAt} />
          </>
        )}
      </Text>
      <Progress.Root size="xl" role="img" aria-label={`${over} of ${targets} begun`}>
        {fates.map(([fate, said, colour]) => (
          <Progress.Section
            key={fate}
            value={((counts[fate as keyof typeof counts] ?? 0) / Math.max(1, targets)) * 100}
            color={fate === "pending" ? "transparent" : colour}
            aria-label={said}
          />
        ))}
      </Progress.Root>
      <Group gap="lg" role="status">
        {fates
          .filter(([fate]) => (counts[fate as keyof typeof counts] ?? 0) > 0)
          .map(([fate, said]) => (
            <Text key={fate}>
              {counts[fate as keyof typeof counts]} {said}
            </Text>
          ))}
      </Group>
      <JobSteering job={replay} isPending={steer.isPending} steer={(name) => steer.mutate({ name })} />
      {steer.isError && <Failed problem={problemOf(steer.error)} />}
    </Stack>
  );
}

function Items({ replay }: { readonly replay: Replay }) {
  const [shown, setShown] = useState<ReplayItemState>();
  const items = useReplayItems(replay, shown);
  return (
    <section aria-labelledby="targets">
      <Group justify="space-between" align="end" mb="xs">
        <Title order={2} size="h4" id="targets">
          The messages one by one
        </Title>
        {replay.state !== "previewed" && (
          <Select
            aria-label="Which of them"
            placeholder="All"
            data={fates.map(([value, label]) => ({ value, label }))}
            value={shown ?? null}
            clearable
            clearButtonProps={{ "aria-label": "All of them" }}
            onChange={(value) => setShown((value ?? undefined) as ReplayItemState | undefined)}
          />
        )}
      </Group>
      {items.isPending && <Loading />}
      {items.isError && <Failed problem={problemOf(items.error)} retry={() => items.refetch()} />}
      {items.data && (
        <Wide minWidth={680}>
          <Table verticalSpacing={4} aria-labelledby="targets">
            <Table.Thead>
              <Table.Tr>
                <Table.Th ta="right">Number</Table.Th>
                <Table.Th>Goes to</Table.Th>
                <Table.Th>Stopped by</Table.Th>
                <Table.Th>Journey</Table.Th>
                <Table.Th>What became of it</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.data.pages.flat().map(({ nth, subscription, code, journeyId, state: fate, failedCode }) => (
                <Table.Tr key={nth}>
                  <Table.Td ta="right">{nth}</Table.Td>
                  <Table.Td>{subscription}</Table.Td>
                  <Table.Td>
                    <Code of={code} />
                  </Table.Td>
                  <Table.Td>
                    <Anchor component={Link} inherit to={`/journeys/${journeyId}`}>
                      Look at it
                    </Anchor>
                  </Table.Td>
                  <Table.Td>
                    <Fate of={fate} /> {failedCode && <Code of={failedCode} />}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
      {items.hasNextPage && (
        <Button variant="default" mt="sm" onClick={() => items.fetchNextPage()} loading={items.isFetchingNextPage}>
          Show more
        </Button>
      )}
    </section>
  );
}

function Fate({ of }: { readonly of: ReplayItemState | undefined }) {
  const [, said, colour] = fates.find(([fate]) => fate === of) ?? [of, of ?? "", "gray"];
  return <Badge color={colour}>{said}</Badge>;
}
