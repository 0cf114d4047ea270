// Whether somebody may do something: the answer in words, with the policies and the item that it comes from.

import { Alert, List, Stack, Text } from "@mantine/core";
import type { Explanation } from "../../api/access.ts";
import { Section } from "../../states/Section.tsx";
import { roleWord, whoMay } from "../../words/deeds.ts";
import { mayWord } from "../../words/looks.ts";

type Obstacle = NonNullable<NonNullable<Explanation["item"]>["obstacle"]>;

/** What is owed for a permission that is used. */
const owed: Readonly<Record<string, string>> = {
  "reason-recorded": "the reason they give goes on record",
  "later-review": "somebody reviews it later",
};

export function Explained({ explanation, action }: { readonly explanation: Explanation; readonly action: string }) {
  const { who, roles, allowed, obligations, permits, forbids, nearest, item } = explanation;
  return (
    <Stack gap="lg" aria-live="polite" maw={760}>
      <Alert color={allowed ? "green" : "red"} title={`${who} ${allowed ? "may" : "may not"} ${mayWord(action)}`}>
        {roles.length > 0
          ? `Asked as ${roles.map(roleWord).join(", ")}.`
          : "Asked without any role: nobody of that name has signed in lately."}
        {obligations.length > 0 && ` If they do, ${obligations.map((one) => owed[one] ?? one).join(", and ")}.`}
      </Alert>
      {item?.obstacle && (
        <Section title="What the item itself says">
          <Text>{inTheWay(item.obstacle, item.decidedBy)}</Text>
        </Section>
      )}
      {forbids.length > 0 && (
        <Section title="What forbids it" hint="A policy that forbids wins over any that permits.">
          <Policies
            all={forbids.map(({ id, says, needs }) => ({
              id,
              says,
              more: needs.length > 0 ? `It would take ${needs.join(", and ")}.` : "",
            }))}
          />
        </Section>
      )}
      {permits.length > 0 && (
        <Section
          title="What permits it"
          {...(item?.obstacle ? { hint: "The policies alone would permit it. The item does not." } : {})}
        >
          <Policies all={permits.map(({ id, says }) => ({ id, says, more: "" }))} />
        </Section>
      )}
      {!allowed && nearest.length > 0 && (
        <Section title="What would permit it">
          <Policies
            all={nearest.map(({ id, says, unmet = [] }) => ({ id, says, more: `Missing: ${unmet.join(", and ")}.` }))}
          />
        </Section>
      )}
      {!allowed && forbids.length + permits.length + nearest.length === 0 && (
        <Text>No policy permits it to anybody of that kind.</Text>
      )}
    </Stack>
  );
}

/** Why an item is not theirs to decide, whatever the policies say. */
function inTheWay(obstacle: Obstacle, decidedBy: readonly string[]): string {
  switch (obstacle) {
    case "closed":
      return "Nobody is asked any more: it is decided, no longer needed, or was left too long.";
    case "claimed":
      return "Somebody else has taken it on.";
    case "excluded":
      return "They brought it about, so somebody else decides.";
    case "role":
      return `It is decided by ${whoMay(decidedBy)}.`;
    case "blind":
      return "They have decided on this before. A second opinion is somebody else's.";
  }
}

function Policies({
  all,
}: {
  readonly all: readonly { readonly id: string; readonly says: string; readonly more: string }[];
}) {
  return (
    <List spacing="xs">
      {all.map(({ id, says, more }) => (
        <List.Item key={id}>
          {says}{" "}
          {more && (
            <Text span fw={700}>
              {more}
            </Text>
          )}
          <Text size="sm" c="dimmed" ff="monospace">
            {id}
          </Text>
        </List.Item>
      ))}
    </List>
  );
}
