// One decision for many items: which exactly, then how far it is and what became of each.

import { Alert, Anchor, Badge, Button, Progress, Group as Row, Stack, Table, Text, Textarea } from "@mantine/core";
import { Link, useParams, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { useGroup, useGroupItems, useSteerGroup, type WorkGroup, type WorkGroupItem } from "../../api/work-groups.ts";
import { Answered, Failed, PageHead } from "../../states/States.tsx";
import { actionWord, queueWord } from "../../words/deeds.ts";
import { When } from "../../words/When.tsx";
import { Code } from "./Code.tsx";
import { JobSteering } from "./JobSteering.tsx";

const looks: Readonly<Record<string, readonly [colour: string, said: string]>> = {
  previewed: ["gray", "only looked at"],
  running: ["blue", "running"],
  paused: ["yellow", "paused"],
  done: ["green", "done"],
  cancelled: ["red", "ended early"],
};
const fates: Readonly<Record<string, string>> = {
  pending: "still to come",
  done: "done",
  refused: "not done",
  left: "left out",
};

const deedWord = ({ deed, action }: WorkGroup): string =>
  deed === "claim" ? "Take on" : deed === "comment" ? "Write under" : actionWord(action ?? "");
const itemsWord = (count: number): string => (count === 1 ? "1 item" : `${count} items`);

export function GroupPage() {
  const { id } = useParams({ from: "/work/groups/$id" });
  const query = useGroup(id);
  return (
    <>
      {!query.data && <PageHead title="Many items" />}
      <Answered query={query}>
        {(group) => (
          <Stack gap="xl">
            <PageHead
              title={group.title ?? "Many items"}
              actions={<Badge color={looks[group.state ?? ""]?.[0] ?? "gray"}>{looks[group.state ?? ""]?.[1]}</Badge>}
            >
              {deedWord(group)}: {itemsWord(group.targets ?? 0)} of {queueWord(group.queue)}, chosen by{" "}
              {group.previewedBy} <When at={group.previewedAt} isRelative />. Those that come later are not among them.{" "}
              <Code of={group.reason} />
            </PageHead>
            {group.state === "previewed" ? <Start group={group} /> : <Course group={group} />}
            <Items group={group} />
          </Stack>
        )}
      </Answered>
    </>
  );
}

function Start({ group }: { readonly group: WorkGroup }) {
  const { id = "", targets = 0, digest = "", deed } = group;
  const written = useRouterState({ select: ({ location }) => (location.state as { comment?: string }).comment });
  const steer = useSteerGroup(id);
  const [comment, setComment] = useState(written ?? "");
  const said = comment.trim();
  if (targets === 0)
    return <Alert title="There is nothing to do">None of them waits any more, or none is yours to decide.</Alert>;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        steer.mutate({ name: "start", digest, ...(said === "" ? {} : { comment: said }) });
      }}
    >
      <Stack maw={640} align="flex-start">
        <Text>
          Items that somebody decides meanwhile, or that changed, are left as they are. It goes on by itself, whatever
          becomes of this page.
        </Text>
        <Textarea
          w="100%"
          label="Why"
          description="Written under each item"
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={1_000}
        />
        <Button type="submit" disabled={said === "" && deed !== "claim"} loading={steer.isPending}>
          {deedWord(group)}: {itemsWord(targets)}
        </Button>
        {steer.isError && <Failed problem={problemOf(steer.error)} />}
      </Stack>
    </form>
  );
}

/** How far it is, and what steers it. */
function Course({ group }: { readonly group: WorkGroup }) {
  const { id = "", targets = 0, counts = {}, startedBy, startedAt, endedAt } = group;
  const steer = useSteerGroup(id);
  const over = targets - (counts.pending ?? 0);
  return (
    <Stack gap="sm">
      <Text>
        Started by {startedBy} <When at={startedAt ?? undefined} />
        {endedAt && (
          <>
            , ended <When at={endedAt} />
          </>
        )}
      </Text>
      <Progress size="xl" value={(over / Math.max(1, targets)) * 100} aria-label={`${over} of ${targets} through`} />
      <Row gap="lg" role="status">
        {Object.entries(counts).map(
          ([fate, count]) => count > 0 && <Text key={fate}>{`${count} ${fates[fate]}`}</Text>,
        )}
      </Row>
      <JobSteering job={group} isPending={steer.isPending} steer={(name) => steer.mutate({ name })} />
      {steer.isError && <Failed problem={problemOf(steer.error)} />}
    </Stack>
  );
}

function Items({ group }: { readonly group: WorkGroup }) {
  const items = useGroupItems(group);
  return (
    <Answered query={items} isEmpty={(all) => all.length === 0} empty="There is none.">
      {(all) => (
        <Stack gap="xs">
          <Table aria-label="Which items">
            <Table.Thead>
              <Table.Tr>
                <Table.Th ta="right">No.</Table.Th>
                <Table.Th>Item</Table.Th>
                <Table.Th>What became of it</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map((item) => (
                <Fate key={item.nth} item={item} />
              ))}
            </Table.Tbody>
          </Table>
          {(group.targets ?? 0) > all.length && <Text c="dimmed">Only the first {all.length} are shown.</Text>}
        </Stack>
      )}
    </Answered>
  );
}

const Fate = ({ item: { nth, itemId, state, code } }: { readonly item: WorkGroupItem }) => (
  <Table.Tr>
    <Table.Td ta="right">{nth}</Table.Td>
    <Table.Td>
      <Anchor component={Link} to={`/work/${itemId}`}>
        Look at item {nth}
      </Anchor>
    </Table.Td>
    <Table.Td>
      {fates[state ?? ""]} <Code of={code} />
    </Table.Td>
  </Table.Tr>
);
