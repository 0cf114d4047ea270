// Why somebody has to look: asked before anything personal is shown, and recorded.

import { Button, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { Failed } from "../../states/States.tsx";

/** As many characters as the policies ask of a reason. */
const LEAST_CHARACTERS = 10;

export function SayWhy({
  look,
  what,
  looking,
}: {
  look(reason: string): void;
  /** What the button says. */
  readonly what: string;
  readonly looking: { readonly isPending: boolean; readonly error: Error | null };
}) {
  const [reason, setReason] = useState("");
  const said = reason.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (said.length >= LEAST_CHARACTERS) look(said);
      }}
    >
      <Stack gap="sm" maw={640} align="flex-start">
        <Text>Messages hold personal details. Who looks, and why, is recorded and can be reviewed.</Text>
        <Textarea
          w="100%"
          label="Why you have to look"
          description={`At least ${LEAST_CHARACTERS} characters, without personal details`}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          autosize
          maxLength={1_000}
        />
        <Button type="submit" variant="default" disabled={said.length < LEAST_CHARACTERS} loading={looking.isPending}>
          {what}
        </Button>
        {looking.error && <Failed problem={problemOf(looking.error)} />}
      </Stack>
    </form>
  );
}
