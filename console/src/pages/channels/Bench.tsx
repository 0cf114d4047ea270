// The test bench: what the channel would make of a message, step by step. Nothing comes of it.

import { Alert, Badge, Button, Group, Stack, Table, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { type Tried, useTry } from "../../api/channels.ts";
import { problemOf } from "../../api/problem.ts";
import { CodeText } from "../../states/CodeText.tsx";
import { Section } from "../../states/Section.tsx";
import { Failed } from "../../states/States.tsx";
import { many } from "../../words/counts.ts";

/** Somebody invented; the number is out of the range that the NHS keeps for tests. */
const SAMPLE = [
  "MSH|^~\\&|PAS|RXX|LOCKGATE|RXX|20260105093000||ADT^A31^ADT_A05|SAMPLE1|P|2.4",
  "EVN|A31|20260105093000",
  "PID|1||9990000018^^^NHS^NH~T0000001^^^RXX^PI||SAMPLE^SALLY||19800102|2|||1 Example Street^^Leeds^^LS1 1AA",
  "PV1|1|N",
].join("\n");

export function Bench({ name }: { readonly name: string }) {
  const [message, setMessage] = useState("");
  const attempt = useTry(name);
  return (
    <Stack gap="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          attempt.mutate(message);
        }}
      >
        <Stack gap="sm" maw={900}>
          <Textarea
            label="Message"
            description="Paste one, or take the sample. It is not stored and goes nowhere; that you tried one is recorded."
            value={message}
            onChange={(event) => setMessage(event.currentTarget.value)}
            styles={{
              input: { fontFamily: "var(--mantine-font-family-monospace)", whiteSpace: "pre", overflowX: "auto" },
            }}
            autosize
            minRows={6}
            maxRows={16}
            required
            spellCheck={false}
          />
          <Group>
            <Button type="submit" loading={attempt.isPending} disabled={message.trim() === ""}>
              Try it
            </Button>
            <Button variant="default" onClick={() => setMessage(SAMPLE)}>
              Take the sample
            </Button>
          </Group>
        </Stack>
      </form>
      {attempt.isError && <Failed problem={problemOf(attempt.error)} />}
      {attempt.data && <Outcome tried={attempt.data} />}
    </Stack>
  );
}

const steps = {
  parse: "Read the message",
  filter: "Ask whether it goes anywhere",
  transform: "Make it Lockgate's own",
  route: "Choose where it goes",
} as const;
const outcomes = {
  ok: { colour: "green", said: "done" },
  failed: { colour: "red", said: "failed" },
  filtered: { colour: "yellow", said: "ends here" },
  skipped: { colour: "gray", said: "not reached" },
} as const;

function Outcome({ tried }: { readonly tried: Tried }) {
  return (
    <Stack gap="lg" aria-live="polite">
      <Alert
        color={tried.isAccepted ? "green" : "red"}
        title={tried.isAccepted ? "The sender would be told yes" : "The sender would be told no"}
      >
        {tried.outgoing.length > 0
          ? `It would be handed on as ${many(tried.outgoing.length, "message")}.`
          : tried.isAccepted
            ? "It would be recorded and go nowhere."
            : "It would be kept for repair and wait as a dead letter."}
      </Alert>
      <Section title="Step by step">
        <Table maw={760} aria-label="Step by step">
          <Table.Tbody>
            {tried.steps.map(({ name, outcome, code, at, reason }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400}>
                  {steps[name]}
                </Table.Th>
                <Table.Td>
                  <Badge color={outcomes[outcome].colour}>{outcomes[outcome].said}</Badge>
                </Table.Td>
                <Table.Td ff="monospace">{[code, at, reason].filter(Boolean).join(" · ")}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text size="sm" c="dimmed" mt="xs">
          {tried.keys.length > 0 ? `It could be found by ${tried.keys.join(", ")}. ` : ""}
          {tried.isOrdered ? "It would keep its order among messages about the same person." : ""}
        </Text>
      </Section>
      {tried.outgoing.map(({ to, destination, body }) => (
        <Section key={`${to} ${destination}`} title={`To ${destination}`}>
          <CodeText
            label={`What goes to ${destination}`}
            lines={pretty(body)
              .split("\n")
              .map((text) => ({ text, sign: " " as const }))}
          />
        </Section>
      ))}
    </Stack>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body.replaceAll("\r", "\n");
  }
}
