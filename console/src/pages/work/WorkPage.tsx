// Work queues: what waits, by its cause and one by one, the most pressing first.

import { Anchor, Badge, Button, Group, SegmentedControl, Select, Stack, Table, Text, Title } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { type ItemSummary, useAllWork, waits } from "../../api/work.ts";
import { mayMapCodes } from "../../shell/permits.ts";
import { useSession } from "../../shell/session.tsx";
import { Empty, Failed, Loading, PageHead } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { domainWord, queueWord, whoMay } from "../../words/deeds.ts";
import { When } from "../../words/When.tsx";
import { Code } from "./Code.tsx";
import { Criticality } from "./Criticality.tsx";
import { GroupDecision } from "./GroupDecision.tsx";
import { type Group as Cause, decidersOf, groupsOf } from "./groups.ts";

const domains = ["demographics", "operations", "finance", "supply", "workforce", "safety"];

/** The reason of items that wait for a code: mapping it settles all of a group. */
const UNMAPPED = "SU-100";

export function WorkPage() {
  const { closed, ...filter } = useSearch({ from: "/work" });
  const work = useAllWork(filter, closed);
  const items = work.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack gap="lg">
      <PageHead title="Work">Everything that waits for a person to decide.</PageHead>
      <Filters />
      {work.isPending && <Loading />}
      {work.isError && <Failed problem={problemOf(work.error)} retry={() => work.refetch()} />}
      {work.data && items.length === 0 && <Empty>Nothing waits here.</Empty>}
      {items.length > 0 && (
        <>
          {!closed && <Causes groups={groupsOf(items)} isPartial={work.hasNextPage} />}
          <Items items={items} withState={closed} />
        </>
      )}
      {work.hasNextPage && (
        <Group>
          <Button variant="default" onClick={() => work.fetchNextPage()} loading={work.isFetchingNextPage}>
            Show more
          </Button>
          <Text c="dimmed">The {items.length} most pressing are shown; there are more.</Text>
        </Group>
      )}
    </Stack>
  );
}

function Filters() {
  const filter = useSearch({ from: "/work" });
  const navigate = useNavigate();
  const { domain, mine, queue, reason, since, closed } = filter;
  const go = (search: typeof filter) => navigate({ to: "/work", search });
  return (
    <Group align="end">
      <Select
        label="Domain"
        data={domains.map((value) => ({ value, label: domainWord(value) }))}
        value={domain ?? null}
        placeholder="All"
        clearable
        clearButtonProps={{ "aria-label": "All domains" }}
        onChange={(chosen) => go({ ...(chosen ? { domain: chosen } : {}), ...(mine ? { mine } : {}) })}
      />
      <SegmentedControl
        aria-label="Whose"
        data={[
          { value: "all", label: "Everybody's" },
          { value: "mine", label: "Mine" },
        ]}
        value={mine ? "mine" : "all"}
        onChange={(chosen) => {
          const { mine: _, ...others } = filter;
          return go(chosen === "mine" ? { ...others, mine: true } : others);
        }}
      />
      {(queue || reason || since || closed) && (
        <Button variant="default" onClick={() => go({ ...(domain ? { domain } : {}), ...(mine ? { mine } : {}) })}>
          Show every cause
        </Button>
      )}
      {since && (
        <Text>
          {closed ? "Opened, and decided or not," : "Opened"} since <When at={since} />
        </Text>
      )}
    </Group>
  );
}

/** What waits by its cause: so many items, one reason. */
function Causes({ groups, isPartial }: { readonly groups: readonly Cause[]; readonly isPartial: boolean }) {
  const [chosen, setChosen] = useState<Cause>();
  const opener = useRef<HTMLButtonElement>(null);
  // The dialog goes at once, and gives nothing back: whoever works by the keys goes on at what opened it.
  const close = () => {
    setChosen(undefined);
    requestAnimationFrame(() => opener.current?.focus());
  };
  const filter = useSearch({ from: "/work" });
  const { roles } = useSession().person;
  return (
    <section aria-labelledby="causes">
      <Title order={2} size="h4" id="causes" mb="xs">
        By cause
      </Title>
      <Wide minWidth={760}>
        <Table aria-labelledby="causes">
          <Table.Thead>
            <Table.Tr>
              <Table.Th ta="right">Items</Table.Th>
              <Table.Th>What and why</Table.Th>
              <Table.Th>Queue</Table.Th>
              <Table.Th>Who decides</Table.Th>
              <Table.Th>Oldest</Table.Th>
              <Table.Th>Next due</Table.Th>
              <Table.Th>Together</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {groups.map((group) => (
              <Table.Tr key={group.key}>
                <Table.Td ta="right" fw={700}>
                  {group.items.length}
                  {isPartial && "+"}
                </Table.Td>
                <Table.Td>
                  <Anchor
                    component={Link}
                    to="/work"
                    search={{ ...filter, queue: group.queue, reason: group.reason } as never}
                  >
                    {group.title}
                  </Anchor>
                  <Text size="sm" component="div">
                    <Code of={group.reason} />
                  </Text>
                </Table.Td>
                <Table.Td>{queueWord(group.queue)}</Table.Td>
                <Table.Td>{whoMay(decidersOf(group))}</Table.Td>
                <Table.Td>
                  <When at={group.oldestAt} isRelative />
                </Table.Td>
                <Table.Td>
                  <Due at={group.nextDueAt} />
                </Table.Td>
                <Table.Td>
                  {group.reason === UNMAPPED && mayMapCodes(roles) && (
                    <Button
                      component={Link}
                      to={`/work/${group.items[0]?.id}`}
                      size="compact-sm"
                      mb={4}
                      aria-label={`Map the code: ${group.title}`}
                    >
                      Map the code
                    </Button>
                  )}
                  {group.items.length > 1 && (
                    <Button
                      variant="default"
                      size="compact-sm"
                      onClick={({ currentTarget }) => {
                        opener.current = currentTarget;
                        setChosen(group);
                      }}
                      aria-label={`Act on all ${group.items.length}: ${group.title}`}
                    >
                      Act on all
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      {chosen && <GroupDecision group={chosen} close={close} />}
    </section>
  );
}

function Items({
  items,
  withState = false,
}: {
  readonly items: readonly ItemSummary[];
  readonly withState?: boolean | undefined;
}) {
  return (
    <section aria-labelledby="items">
      <Title order={2} size="h4" id="items" mb="xs">
        One by one
      </Title>
      <Wide minWidth={760}>
        <Table highlightOnHover aria-labelledby="items">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>What</Table.Th>
              <Table.Th>Queue</Table.Th>
              {withState && <Table.Th>State</Table.Th>}
              <Table.Th>Who</Table.Th>
              <Table.Th>Opened</Table.Th>
              <Table.Th>Due</Table.Th>
              <Table.Th>Pressing</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <Row key={item.id} item={item} withState={withState} />
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </section>
  );
}

const states: Readonly<Record<string, string>> = {
  open: "waits",
  claimed: "taken on",
  decided: "decided",
  expired: "nobody decided",
  withdrawn: "no longer needed",
};

function Row({ item, withState }: { readonly item: ItemSummary; readonly withState: boolean }) {
  const { id } = useSession().person;
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/work/${item.id}`}>
          {item.title}
        </Anchor>
        {item.inquiredAt && (
          <Text size="sm" c="dimmed" component="div">
            waits for more, asked for by {item.inquiredBy} <When at={item.inquiredAt} isRelative />
          </Text>
        )}
      </Table.Td>
      <Table.Td>{queueWord(item.queue)}</Table.Td>
      {withState && <Table.Td>{states[item.state ?? ""] ?? item.state}</Table.Td>}
      <Table.Td>{item.owner ? (item.owner === id ? "you" : item.owner) : "nobody yet"}</Table.Td>
      <Table.Td>
        <When at={item.openedAt} isRelative />
      </Table.Td>
      <Table.Td>{waits(item) && <Due at={item.dueAt} />}</Table.Td>
      <Table.Td>
        <Criticality of={item.criticality} />
      </Table.Td>
    </Table.Tr>
  );
}

function Due({ at }: { readonly at: string | undefined }) {
  const isLate = at !== undefined && Date.parse(at) < Date.now();
  return (
    <Group gap={6} component="span" wrap="nowrap">
      <When at={at} isRelative /> {isLate && <Badge color="red">late</Badge>}
    </Group>
  );
}
