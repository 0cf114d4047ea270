// Pausing a channel, stopping it and letting it go on, each with the reason that others are shown.

import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { type ChannelState, useSetState } from "../../api/channels.ts";
import type { Flow } from "../../api/overview.ts";
import { problemOf } from "../../api/problem.ts";
import { Section } from "../../states/Section.tsx";
import { Failed } from "../../states/States.tsx";

type Choice = { readonly state: ChannelState; readonly verb: string; readonly effect: string };

const choices: readonly Choice[] = [
  { state: "started", verb: "Resume", effect: "It takes messages in and works what has gathered, in its old order." },
  {
    state: "paused",
    verb: "Pause",
    effect: "It goes on taking messages in, and nothing is handed on until it is resumed. Nothing is lost.",
  },
  {
    state: "stopped",
    verb: "Stop",
    effect: "Senders can no longer connect. They keep their messages and try again. What has gathered stays.",
  },
];

export function Steering({ flow: { channel, state } }: { readonly flow: Flow }) {
  const [choice, setChoice] = useState<Choice>();
  const [reason, setReason] = useState("");
  const set = useSetState(channel);
  const close = () => {
    setChoice(undefined);
    setReason("");
    set.reset();
  };
  const isReasonDue = choice?.state !== "started";
  return (
    <Section title="Steer it">
      <Group>
        {choices
          .filter((one) => one.state !== state)
          .map((one) => (
            <Button key={one.state} variant="default" onClick={() => setChoice(one)}>
              {one.verb}
            </Button>
          ))}
      </Group>
      {/* Mantine's own head of a dialog is a landmark like that of the page: these are its parts without it. */}
      <Modal.Root opened={choice !== undefined} onClose={close}>
        <Modal.Overlay />
        <Modal.Content>
          <Modal.Body pt="md">
            <Modal.Title fw={700} mb="md">
              {choice?.verb} channel {channel}
            </Modal.Title>
            {choice && (
              <form
                onSubmit={(event) => {
                  event.preventDefault();
                  set.mutate({ state: choice.state, reason: reason.trim() }, { onSuccess: close });
                }}
              >
                <Stack>
                  <Text>{choice.effect}</Text>
                  <Textarea
                    label="Reason"
                    description="Shown to everybody who looks at this channel. Do not write anything about a patient."
                    value={reason}
                    onChange={(event) => setReason(event.currentTarget.value)}
                    required={isReasonDue}
                    maxLength={200}
                    autosize
                    minRows={2}
                    data-autofocus
                  />
                  {set.isError && <Failed problem={problemOf(set.error)} />}
                  <Group justify="flex-end">
                    <Button variant="subtle" onClick={close}>
                      Leave it as it is
                    </Button>
                    <Button type="submit" loading={set.isPending} disabled={isReasonDue && reason.trim() === ""}>
                      {choice.verb}
                    </Button>
                  </Group>
                </Stack>
              </form>
            )}
          </Modal.Body>
        </Modal.Content>
      </Modal.Root>
    </Section>
  );
}
