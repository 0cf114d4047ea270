// Work queues: what waits, the most pressing first, by domain and queue.

import { Anchor, Badge, Group, Select, Stack, Table } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ItemSummary, useWork } from "../../api/work.ts";
import { Answered, PageHead } from "../../states/States.tsx";
import { When } from "../../words/When.tsx";
import { Criticality } from "./Criticality.tsx";

const domains = ["demographics", "safety", "finance", "supply", "workforce", "integration"];

export function WorkPage() {
  const filter = useSearch({ from: "/work" });
  const navigate = useNavigate();
  const work = useWork(filter);
  return (
    <Stack>
      <PageHead title="Work">Everything that waits for a person to decide.</PageHead>
      <Group>
        <Select
          label="Domain"
          data={domains}
          value={filter.domain ?? null}
          placeholder="All"
          clearable
          clearButtonProps={{ "aria-label": "All domains" }}
          onChange={(domain) => navigate({ to: "/work", search: domain ? { domain } : {} })}
        />
      </Group>
      <Answered query={work} isEmpty={({ items }) => items.length === 0} empty="Nothing waits here.">
        {({ items }) => (
          <Table highlightOnHover aria-label="Work items">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>What</Table.Th>
                <Table.Th>Queue</Table.Th>
                <Table.Th>Why</Table.Th>
                <Table.Th>Who</Table.Th>
                <Table.Th>Due</Table.Th>
                <Table.Th>Pressing</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((item) => (
                <Row key={item.id} item={item} />
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Answered>
    </Stack>
  );
}

function Row({ item }: { readonly item: ItemSummary }) {
  const isLate = item.dueAt !== undefined && Date.parse(item.dueAt) < Date.now();
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/work/${item.id}`}>
          {item.title}
        </Anchor>
      </Table.Td>
      <Table.Td>{item.queue}</Table.Td>
      <Table.Td ff="monospace">{item.reason}</Table.Td>
      <Table.Td>{item.owner ?? "nobody yet"}</Table.Td>
      <Table.Td>
        <When at={item.dueAt} isRelative /> {isLate && <Badge color="red">late</Badge>}
      </Table.Td>
      <Table.Td>
        <Criticality of={item.criticality} />
      </Table.Td>
    </Table.Tr>
  );
}
