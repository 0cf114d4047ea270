// One work item: what is decided on, what was tried, and what may be done about it.

import { Anchor, Group, List, Stack, Text, Title } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { type Item, useItem } from "../../api/work.ts";
import { Answered, PageHead } from "../../states/States.tsx";
import { When } from "../../words/When.tsx";
import { Comparison, type Row } from "./Comparison.tsx";
import { Criticality } from "./Criticality.tsx";
import { Deciding } from "./Deciding.tsx";
import { Facts } from "./Facts.tsx";
import { isMatch, MatchReview } from "./MatchReview.tsx";

export function ItemPage() {
  const { id } = useParams({ from: "/work/$id" });
  return <Answered query={useItem(id)}>{(item) => <Whole item={item} />}</Answered>;
}

function Whole({ item }: { readonly item: Item }) {
  const whole = item.content ?? {};
  const { rows, wentStale, ...content } = whole as { rows?: readonly Row[]; wentStale?: boolean };
  return (
    <Stack>
      <PageHead title={item.title ?? "Work item"} actions={<Criticality of={item.criticality} />}>
        {item.queue}, opened <When at={item.openedAt} isRelative />, due <When at={item.dueAt} isRelative />
      </PageHead>
      {wentStale && (
        <Text role="status" fw={700}>
          Something moved since it was last decided. Look again at every value.
        </Text>
      )}
      {rows && <Comparison rows={rows} />}
      {isMatch(whole) ? <MatchReview content={whole} /> : <Facts facts={content} />}
      <Deciding item={item} />
      <Past item={item} />
      {item.journeyId && (
        <Anchor component={Link} to={`/journeys/${item.journeyId}`}>
          The journey that waits for this
        </Anchor>
      )}
    </Stack>
  );
}

/** What was done about it before. */
function Past({ item: { history = [], tried = [] } }: { readonly item: Item }) {
  if (history.length + tried.length === 0) return null;
  return (
    <section aria-labelledby="past">
      <Title order={2} size="h4" id="past" mb="xs">
        What happened so far
      </Title>
      <List>
        {tried.map((one) => (
          <List.Item key={one}>{one}</List.Item>
        ))}
        {history.map(({ at, deed, by, action, comment }) => (
          <List.Item key={`${at} ${deed}`}>
            <Group gap="xs">
              <When at={at} />
              <Text>{[by, deed, action, comment].filter(Boolean).join(" · ")}</Text>
            </Group>
          </List.Item>
        ))}
      </List>
    </section>
  );
}
