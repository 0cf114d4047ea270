// How many items wait for a person in each domain; each number leads to its items.

import { Card, SimpleGrid, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useWork } from "../../api/work.ts";
import { Answered } from "../../states/States.tsx";
import { When } from "../../words/When.tsx";

export function Waiting() {
  const work = useWork({});
  return (
    <section aria-labelledby="waiting">
      <Title order={2} size="h4" id="waiting" mb="xs">
        Waiting for a person
      </Title>
      <Answered query={work} isEmpty={({ items }) => items.length === 0} empty="Nothing waits for anybody.">
        {({ items }) => (
          <SimpleGrid cols={{ base: 1, sm: 2, md: 4 }}>
            {[...Map.groupBy(items, ({ domain = "other" }) => domain)].map(([domain, waiting]) => (
              <Card key={domain} withBorder component={Link} to={`/work?domain=${domain}`} c="inherit" td="none">
                <Text size="sm">{domain}</Text>
                <Text size="xl" fw={700}>
                  {waiting.length}
                </Text>
                <Text size="sm" c="dimmed" component="div">
                  oldest <When at={waiting.map(({ openedAt = "" }) => openedAt).sort()[0]} isRelative />
                </Text>
              </Card>
            ))}
          </SimpleGrid>
        )}
      </Answered>
    </section>
  );
}
