// One decision for all items of a cause: what it does is told first, and what became of each after.

import { Alert, Button, List, Modal, Progress, Group as Row, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { type Deed, doDeed, type ItemSummary } from "../../api/work.ts";
import { useSession } from "../../shell/session.tsx";
import { actionWord } from "../../words/deeds.ts";
import { commonActions, type Group } from "./groups.ts";

/** What became of each item, by what it ended with. */
type Done = ReadonlyMap<string, number>;

const deedOf = (action: string, comment: string, { digest = "" }: ItemSummary): Deed =>
  action === "claim"
    ? { name: "claim" }
    : action === "comment"
      ? { name: "comment", comment }
      : { name: "decide", action, digest, comment };

export function GroupDecision({ group, close }: { readonly group: Group; close(): void }) {
  const { roles } = useSession().person;
  const queries = useQueryClient();
  const [comment, setComment] = useState("");
  const [tried, setTried] = useState(0);
  // As it stood when whoever decides was told how many there are: what comes later is not among them.
  const [items] = useState(group.items);
  const apply = useMutation({
    mutationFn: async (action: string): Promise<Done> => {
      const done = new Map<string, number>();
      for (const item of items) {
        const end = await doDeed(item.id ?? "", deedOf(action, comment.trim(), item)).then(
          () => "done",
          (thrown: unknown) => problemOf(thrown).title,
        );
        done.set(end, (done.get(end) ?? 0) + 1);
        setTried((before) => before + 1);
      }
      return done;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["work"] }),
  });
  const actions = commonActions({ ...group, items }, roles);
  return (
    <Modal.Root opened onClose={close} size="lg">
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          <Row justify="space-between" wrap="nowrap" align="start" mb="md">
            <Modal.Title fw={700}>
              All {items.length} items: {group.title}
            </Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </Row>
          <Stack>
            {actions.length === 0 && (
              <Alert title="These are decided one by one">
                Each is about another person, so somebody has to look at each. You can take them all on, or write the
                same under all of them.
              </Alert>
            )}
            <Textarea
              label="Why"
              description="Written under each item"
              value={comment}
              onChange={(event) => setComment(event.currentTarget.value)}
              autosize
              minRows={2}
              maxLength={1_000}
              data-autofocus
            />
            {apply.isPending && (
              <Progress value={(tried / items.length) * 100} aria-label={`${tried} of ${items.length} done`} />
            )}
            {apply.data ? (
              <Alert title="This is what became of them" role="status">
                <List>
                  {[...apply.data].map(([end, count]) => (
                    <List.Item key={end}>{end === "done" ? `${count} done` : `${count} not done: ${end}`}</List.Item>
                  ))}
                </List>
              </Alert>
            ) : (
              <Row>
                {actions.map((name) => (
                  <Button
                    key={name}
                    disabled={comment.trim() === ""}
                    loading={apply.isPending}
                    onClick={() => apply.mutate(name)}
                  >
                    {actionWord(name)}: all {items.length}
                  </Button>
                ))}
                <Button variant="default" loading={apply.isPending} onClick={() => apply.mutate("claim")}>
                  Take all on
                </Button>
                <Button
                  variant="default"
                  disabled={comment.trim() === ""}
                  loading={apply.isPending}
                  onClick={() => apply.mutate("comment")}
                >
                  Write this under all
                </Button>
              </Row>
            )}
            {actions.length > 0 && !apply.data && (
              <Text size="sm" c="dimmed">
                Items that somebody decides meanwhile, or that changed, are left as they are.
              </Text>
            )}
          </Stack>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
