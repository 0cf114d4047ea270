// Mending one dead letter: its message as text, what is changed in it, and the proposal that somebody else decides on.

import { Alert, Anchor, Button, Stack, Text, Textarea, Title } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Lying, type Revealed, textOf, useReveal } from "../../api/journeys.ts";
import { problemOf } from "../../api/problem.ts";
import { usePropose } from "../../api/resubmissions.ts";
import { Failed, PageHead } from "../../states/States.tsx";
import { SayWhy } from "../journeys/SayWhy.tsx";
import { Differences, StaysHidden } from "./Differences.tsx";

export function MendPage() {
  const { subscription, position } = useParams({ from: "/dead-letters/$subscription/$position" });
  const letter = { subscription, position: Number(position) };
  const look = useReveal("", letter);
  return (
    <Stack gap="lg">
      <PageHead title="Mend a message">
        What you write is proposed beside the original, which stays as it came. Somebody else has to agree before it is
        taken in, as a message of its own.
      </PageHead>
      {look.data ? (
        <Mending letter={letter} message={look.data} />
      ) : (
        <SayWhy look={(reason) => look.mutate({ reason })} what="Show the message" looking={look} />
      )}
    </Stack>
  );
}

/** Segments end with a carriage return; people edit lines. */
const asLines = (text: string): string => text.replaceAll(/\r\n|\r/g, "\n").trimEnd();

function Mending({ letter, message }: { readonly letter: Lying; readonly message: Revealed }) {
  const original = asLines(textOf(message.body));
  const [text, setText] = useState(original);
  const [comment, setComment] = useState("");
  const propose = usePropose(letter);
  if (propose.data) return <Proposed itemId={propose.data.itemId ?? ""} />;
  if (message.withheld === "everything") return <StaysHidden what={message.withheld} />;
  const isReady = text !== original && comment.trim() !== "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) propose.mutate({ text, comment: comment.trim() });
      }}
    >
      <Stack gap="md" align="flex-start">
        {message.description && (
          <Alert w="100%" title="It stopped here">
            {message.description}
          </Alert>
        )}
        <StaysHidden what={message.withheld} />
        <Textarea
          w="100%"
          label="The message"
          description="One segment a line"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autosize
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", wordBreak: "break-all" } }}
        />
        <section aria-labelledby="changed" style={{ width: "100%" }}>
          <Title order={2} size="h4" id="changed" mb="xs">
            What you change
          </Title>
          <Differences original={original} proposed={text} />
        </section>
        <Textarea
          w="100%"
          maw={640}
          label="How you know what is right"
          description="Shown to whoever decides. Do not repeat personal details here."
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={1_000}
        />
        {propose.isError && <Unsound problem={problemOf(propose.error)} />}
        <Button type="submit" disabled={!isReady} loading={propose.isPending}>
          Propose it
        </Button>
      </Stack>
    </form>
  );
}

/** What is still wrong with it: in words, and where. */
function Unsound({ problem }: { readonly problem: ReturnType<typeof problemOf> }) {
  const where = /\(([^()]+)\)$/.exec(problem.detail ?? "")?.[1];
  return (
    <Stack gap="xs" w="100%">
      <Failed problem={problem} />
      {where && (
        <Text>
          Look at{" "}
          <Text span ff="monospace">
            {where}
          </Text>
          .
        </Text>
      )}
    </Stack>
  );
}

const Proposed = ({ itemId }: { readonly itemId: string }) => (
  <Alert title="It is proposed" role="status">
    <Stack gap={4} align="flex-start">
      <Text>The message holds up. Somebody else who repairs messages has to agree now.</Text>
      <Anchor component={Link} to={`/work/${itemId}`}>
        The item that asks them
      </Anchor>
      <Anchor component={Link} to="/dead-letters">
        All dead letters
      </Anchor>
    </Stack>
  </Alert>
);
