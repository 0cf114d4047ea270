// A mended message in the place of a dead letter: what it changes, for whoever decides on it.

import { Alert, Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { textOf } from "../../api/journeys.ts";
import { type Resubmission as Proposal, useBoth, useProposal } from "../../api/resubmissions.ts";
import { Answered } from "../../states/States.tsx";
import { Differences, StaysHidden } from "../dead-letters/Differences.tsx";
import { SayWhy } from "../journeys/SayWhy.tsx";

/** Content of an item about one. */
export const isResubmission = (
  content: Readonly<Record<string, unknown>>,
): content is { readonly kind: "resubmission"; readonly resubmission: string } => content.kind === "resubmission";

export function Resubmission({ id }: { readonly id: string }) {
  const both = useBoth(id);
  return (
    <section aria-labelledby="mended">
      <Title order={2} size="h4" id="mended" mb="xs">
        What is proposed
      </Title>
      <Stack gap="sm">
        <Answered query={useProposal(id)}>{(proposal) => <Standing of={proposal} />}</Answered>
        {both.data ? (
          <>
            <StaysHidden what={both.data.withheld} />
            <Differences
              original={textOf(both.data.body)}
              proposed={textOf(both.data.proposed)}
              told={both.data.fields}
            />
            <Group>
              <Button variant="default" size="xs" onClick={() => both.reset()}>
                Hide it again
              </Button>
            </Group>
          </>
        ) : (
          <SayWhy look={both.mutate} what="Show both messages" looking={both} />
        )}
      </Stack>
    </section>
  );
}

function Standing({ of: { fields = [], proposedBy, state, newJourneyId } }: { readonly of: Proposal }) {
  return (
    <>
      <Text>
        {proposedBy} changed{" "}
        <Text span ff="monospace">
          {fields.join(", ")}
        </Text>
        . If you agree it is taken in as a message of its own and goes wherever the channel sends messages; the original
        stays on record as it came.
      </Text>
      {state === "withdrawn" && (
        <Alert color="yellow" title="It has been overtaken" role="status">
          The original was replayed or given up meanwhile, so there is nothing left to decide.
        </Alert>
      )}
      {newJourneyId && (
        <Anchor component={Link} to={`/journeys/${newJourneyId}`}>
          The journey that it began
        </Anchor>
      )}
    </>
  );
}
