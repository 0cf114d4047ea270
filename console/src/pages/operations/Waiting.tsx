// How many items wait for a person in each domain; each number leads to its items.

import { Badge, Card, SimpleGrid, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Operations } from "../../api/overview.ts";
import { isOffered } from "../../shell/places.ts";
import { useSession } from "../../shell/session.tsx";
import { Empty } from "../../states/States.tsx";
import { count } from "../../words/counts.ts";
import { domainWord } from "../../words/deeds.ts";
import { When } from "../../words/When.tsx";

export function Waiting({ work }: { readonly work: Operations["work"] }) {
  const { roles } = useSession().person;
  if (work.length === 0) return <Empty>Nothing waits for anybody.</Empty>;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, md: 4 }}>
      {work.map(({ domain, waiting, overdue, oldestAt }) => (
        <Card
          key={domain}
          withBorder
          {...(isOffered(roles, "/work")
            ? { component: Link, to: `/work?domain=${domain}`, c: "inherit", td: "none" }
            : {})}
        >
          <Text size="sm">{domainWord(domain)}</Text>
          <Text size="xl" fw={700}>
            {count(waiting)} {overdue > 0 && <Badge color="red">{count(overdue)} late</Badge>}
          </Text>
          <Text size="sm" c="dimmed" component="div">
            oldest <When at={oldestAt} isRelative />
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}
