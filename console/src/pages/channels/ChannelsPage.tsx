// Channels: the ways in and out, how each stands, and where to look closer.

import { Stack } from "@mantine/core";
import { useOperations } from "../../api/overview.ts";
import { Answered, PageHead } from "../../states/States.tsx";
import { Flows } from "../operations/Flows.tsx";

export function ChannelsPage() {
  const operations = useOperations();
  return (
    <Stack>
      <PageHead title="Channels">
        Where messages come in, and how each channel stands. Choose one to see its definition or to try a message on it.
      </PageHead>
      <Answered query={operations} isEmpty={({ flows }) => flows.length === 0} empty="This site has no channels.">
        {({ flows, at }) => <Flows flows={flows} at={at} />}
      </Answered>
    </Stack>
  );
}
