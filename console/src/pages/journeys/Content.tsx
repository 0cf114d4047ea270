// What a message says: hidden until somebody says why they have to look, which is recorded.

import { Button, Stack, Text, Textarea, Title } from "@mantine/core";
import { useState } from "react";
import { type Lying, useReveal } from "../../api/journeys.ts";
import { problemOf } from "../../api/problem.ts";
import { Failed } from "../../states/States.tsx";
import { Revealed } from "./Revealed.tsx";

const LEAST_WORDS = 3;

export function Content({ id, letter }: { readonly id: string; readonly letter?: Lying | undefined }) {
  const reveal = useReveal(id, letter);
  const [reason, setReason] = useState("");
  const isSaid = reason.trim().split(/\s+/).filter(Boolean).length >= LEAST_WORDS;
  return (
    <section aria-labelledby="message">
      <Title order={2} size="h4" id="message" mb="xs">
        What the message says
      </Title>
      {reveal.data ? (
        <Revealed message={reveal.data} hide={() => reveal.reset()} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isSaid) reveal.mutate(reason.trim());
          }}
        >
          <Stack gap="sm" maw={640} align="flex-start">
            <Text>
              It holds personal details, so it is hidden. Who looks, and why, is recorded and can be reviewed.
            </Text>
            <Textarea
              w="100%"
              label="Why you need to see it"
              description="At least three words, without personal details"
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              autosize
              maxLength={1_000}
            />
            <Button type="submit" disabled={!isSaid} loading={reveal.isPending} variant="default">
              Show the message
            </Button>
            {reveal.isError && <Failed problem={problemOf(reveal.error)} />}
          </Stack>
        </form>
      )}
    </section>
  );
}
