// A message that somebody looks into: as it is taken beside as it came, each pointing to where it stands in the other.

import { Badge, Box, Button, Group, SimpleGrid, Stack, Table, Tabs, Text } from "@mantine/core";
import { useState } from "react";
import { type Revealed as Message, type Stated, textOf } from "../../api/journeys.ts";
import { wordOf } from "../../words/fields.ts";
import { StatedFields } from "./StatedFields.tsx";
import { type Segment, segmentsOf } from "./segments.ts";
import { Withheld } from "./Withheld.tsx";

export function Revealed({ message, hide, insist }: { readonly message: Message; hide(): void; insist(): void }) {
  const { body, withheld, description, fields = [] } = message;
  const [chosen, setChosen] = useState<string>();
  const choose = (field: string): void => setChosen((before) => (before === field ? undefined : field));
  const text = textOf(body);
  const segments = segmentsOf(text);
  return (
    <Stack gap="sm">
      <Group>
        <Button variant="default" size="xs" onClick={hide}>
          Hide it again
        </Button>
        {description && <Text>{description}</Text>}
      </Group>
      <Withheld what={withheld}>
        <Button variant="default" size="xs" onClick={insist}>
          It is an emergency: show all of it
        </Button>
        <Text size="sm">Whoever does so is asked about it later.</Text>
      </Withheld>
      <SimpleGrid cols={{ base: 1, lg: fields.length > 0 ? 2 : 1 }} spacing="lg">
        {fields.length > 0 && (
          <StatedFields fields={fields} chosen={chosen} choose={choose} isCut={withheld !== undefined} />
        )}
        <Tabs defaultValue={segments ? "fields" : "raw"} miw={0}>
          <Tabs.List>
            {segments && <Tabs.Tab value="fields">By field</Tabs.Tab>}
            <Tabs.Tab value="raw">As it came</Tabs.Tab>
          </Tabs.List>
          {segments && (
            <Tabs.Panel value="fields" pt="sm">
              <ByField segments={segments} links={{ fields, chosen, choose }} faultAt={faultIn(description)} />
            </Tabs.Panel>
          )}
          <Tabs.Panel value="raw" pt="sm">
            <Box
              component="pre"
              tabIndex={0}
              role="region"
              aria-label="The message as it came"
              m={0}
              style={{ whiteSpace: "pre-wrap", wordBreak: "break-all" }}
            >
              {text.replaceAll("\r", "\n")}
            </Box>
          </Tabs.Panel>
        </Tabs>
      </SimpleGrid>
    </Stack>
  );
}

const faultIn = (description: string | null | undefined): string | undefined =>
  /\(([A-Z][A-Z0-9]{2}-\d+)/.exec(description ?? "")?.[1];

/** How a place of the message and a field of the person point to each other. */
type Links = { readonly fields: readonly Stated[]; readonly chosen: string | undefined; choose(field: string): void };

function ByField({
  segments,
  links,
  faultAt,
}: {
  readonly segments: readonly Segment[];
  readonly links: Links;
  readonly faultAt: string | undefined;
}) {
  return (
    <Table verticalSpacing={4} aria-label="Fields of the message">
      <Table.Tbody>
        {segments.flatMap(({ fields }, index) =>
          fields.map(({ place, name, pieces }) => {
            const isFault = faultAt === place;
            return (
              <Table.Tr
                // biome-ignore lint/suspicious/noArrayIndexKey: segments may repeat, and never move
                key={`${index} ${place}`}
                {...(isFault ? { bg: "var(--mantine-color-red-light)" } : {})}
              >
                <Table.Th scope="row" ff="monospace" w={80}>
                  {place}
                </Table.Th>
                <Table.Td w={130}>{name}</Table.Td>
                <Table.Td ff="monospace" style={{ wordBreak: "break-all" }}>
                  {pieces.map((piece, nth) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a message does not change
                    <Element key={nth} {...piece} links={links} />
                  ))}{" "}
                  {isFault && <Badge color="red">stopped here</Badge>}
                </Table.Td>
              </Table.Tr>
            );
          }),
        )}
      </Table.Tbody>
    </Table>
  );
}

/** What a field of the person came from can be chosen; what is chosen is marked. */
function Element({ text, place, links }: { readonly text: string; readonly place?: string; readonly links: Links }) {
  const owner = links.fields.find(({ at = [] }) => place !== undefined && at.includes(place))?.field;
  if (owner === undefined) return text;
  const isChosen = owner === links.chosen;
  return (
    <button
      type="button"
      className="linked-text"
      aria-pressed={isChosen}
      aria-label={`${place}, ${text}: ${wordOf(owner)}`}
      onClick={() => links.choose(owner)}
    >
      {text}
    </button>
  );
}
