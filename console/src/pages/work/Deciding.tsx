// What may be done about an item: take it on, choose, say why.

import { Alert, Button, Group, Stack, Textarea, Title } from "@mantine/core";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { type Item, useDeed } from "../../api/work.ts";
import { useSession } from "../../shell/session.tsx";
import { Failed } from "../../states/States.tsx";

export function Deciding({ item }: { readonly item: Item }) {
  const { roles } = useSession().person;
  const deed = useDeed(item.id ?? "");
  const [comment, setComment] = useState("");
  if (item.state !== "open" && item.state !== "claimed")
    return <Alert title="Nothing is left to decide">This item is {item.state}.</Alert>;
  const mine = (item.actions ?? []).filter(
    (one) => !one.roles?.length || one.roles.some((role) => roles.includes(role)),
  );
  const decide = (action: string) =>
    deed.mutate({ name: "decide", action, digest: item.digest ?? "", ...(comment === "" ? {} : { comment }) });
  return (
    <section aria-labelledby="deciding">
      <Title order={2} size="h4" id="deciding" mb="xs">
        Decide
      </Title>
      <Stack gap="sm" maw={640}>
        <Textarea
          label="Why"
          description="Whoever asked is told"
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={1_000}
        />
        <Group>
          {mine.map(({ name = "", quorum = 1 }, index) => (
            <Button
              key={name}
              variant={index === 0 ? "filled" : "default"}
              loading={deed.isPending}
              onClick={() => decide(name)}
            >
              {quorum > 1 ? `${name} (${quorum} people)` : name}
            </Button>
          ))}
          {item.state === "open" ? (
            <Button variant="subtle" onClick={() => deed.mutate({ name: "claim" })}>
              Take it on
            </Button>
          ) : (
            <Button variant="subtle" onClick={() => deed.mutate({ name: "release" })}>
              Give it back
            </Button>
          )}
        </Group>
        {mine.length === 0 && <Alert title="Others decide this">None of your roles may choose here.</Alert>}
        {deed.isError && <Failed problem={problemOf(deed.error)} />}
      </Stack>
    </section>
  );
}
