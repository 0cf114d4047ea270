// One decision for all items of a cause: which items exactly, started as a job of the platform's own.

import { Alert, Button, Modal, Group as Row, Stack, Text, Textarea } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { type GroupWish, usePreviewGroup } from "../../api/work-groups.ts";
import { useSession } from "../../shell/session.tsx";
import { Failed } from "../../states/States.tsx";
import { actionWord } from "../../words/deeds.ts";
import { commonActions, type Group } from "./groups.ts";

export function GroupDecision({ group, close }: { readonly group: Group; close(): void }) {
  const { roles } = useSession().person;
  const preview = usePreviewGroup();
  const navigate = useNavigate();
  const [comment, setComment] = useState("");
  const actions = commonActions(group, roles);
  const { domain, queue, reason, title } = group;
  const said = comment.trim();
  const look = (wish: Omit<GroupWish, "filter">) =>
    preview.mutate(
      { filter: { domain, queue, reason, title }, ...wish },
      {
        onSuccess: ({ group: { id = "" } }) =>
          // What is written is no part of an address: it goes along in memory.
          navigate({ to: "/work/groups/$id", params: { id }, state: { comment: said } as never }),
      },
    );
  return (
    <Modal.Root opened onClose={close} size="lg">
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          <Row justify="space-between" wrap="nowrap" align="start" mb="md">
            <Modal.Title fw={700}>All items: {title}</Modal.Title>
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
            {preview.isError && <Failed problem={problemOf(preview.error)} />}
            <Row>
              {actions.map((name) => (
                <Button
                  key={name}
                  disabled={said === ""}
                  loading={preview.isPending}
                  onClick={() => look({ deed: "decide", action: name })}
                >
                  {actionWord(name)}: all
                </Button>
              ))}
              <Button variant="default" loading={preview.isPending} onClick={() => look({ deed: "claim" })}>
                Take all on
              </Button>
              <Button
                variant="default"
                disabled={said === ""}
                loading={preview.isPending}
                onClick={() => look({ deed: "comment" })}
              >
                Write this under all
              </Button>
            </Row>
            <Text size="sm" c="dimmed">
              The next page says which items exactly; nothing is done before you start it there.
            </Text>
          </Stack>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
