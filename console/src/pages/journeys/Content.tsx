// What a message says: hidden until somebody says why they have to look, which is recorded.

import { Alert, Badge, Button, Code, Group, Stack, Table, Tabs, Text, Textarea, Title } from "@mantine/core";
import { useState } from "react";
import { type Lying, type Revealed, useReveal } from "../../api/journeys.ts";
import { problemOf } from "../../api/problem.ts";
import { Failed } from "../../states/States.tsx";
import { segmentsOf } from "./segments.ts";

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
        <Shown message={reveal.data} hide={() => reveal.reset()} />
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

const textOf = (base64: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));

function Shown({ message: { body = "", withheld, description }, hide }: { readonly message: Revealed; hide(): void }) {
  const text = textOf(body);
  const faultAt = /\(([A-Z][A-Z0-9]{2}-\d+)/.exec(description ?? "")?.[1];
  const segments = segmentsOf(text);
  return (
    <Stack gap="sm">
      <Group>
        <Button variant="default" size="xs" onClick={hide}>
          Hide it again
        </Button>
        {description && <Text>{description}</Text>}
      </Group>
      {withheld && (
        <Alert color="yellow" title={withheld === "everything" ? "Nothing of it is shown" : "Part of it is not shown"}>
          It may tell where somebody is who must not be found.
        </Alert>
      )}
      <Tabs defaultValue={segments ? "fields" : "raw"}>
        <Tabs.List>
          {segments && <Tabs.Tab value="fields">By field</Tabs.Tab>}
          <Tabs.Tab value="raw">As it came</Tabs.Tab>
        </Tabs.List>
        {segments && (
          <Tabs.Panel value="fields" pt="sm">
            <Table.ScrollContainer minWidth={560}>
              <Table verticalSpacing={4} aria-label="Fields of the message">
                <Table.Tbody>
                  {segments.flatMap(({ fields }, index) =>
                    fields.map(({ place, name, value }) => {
                      const isFault = faultAt === place;
                      return (
                        <Table.Tr
                          // biome-ignore lint/suspicious/noArrayIndexKey: segments may repeat, and never move
                          key={`${index} ${place}`}
                          {...(isFault ? { bg: "var(--mantine-color-red-light)" } : {})}
                        >
                          <Table.Th scope="row" ff="monospace" w={90}>
                            {place}
                          </Table.Th>
                          <Table.Td w={200}>{name}</Table.Td>
                          <Table.Td ff="monospace" style={{ wordBreak: "break-all" }}>
                            {value} {isFault && <Badge color="red">stopped here</Badge>}
                          </Table.Td>
                        </Table.Tr>
                      );
                    }),
                  )}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </Tabs.Panel>
        )}
        <Tabs.Panel value="raw" pt="sm">
          <Code
            block
            tabIndex={0}
            aria-label="The message as it came"
            style={{ whiteSpace: "pre-wrap", wordBreak: "break-all" }}
          >
            {text.replaceAll("\r", "\n")}
          </Code>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
