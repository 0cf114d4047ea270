// Operations: every flow and its queue, and what waits for people.

import { Stack } from "@mantine/core";
import { PageHead } from "../../states/States.tsx";
import { Flows } from "./Flows.tsx";
import { Waiting } from "./Waiting.tsx";

export function OperationsPage() {
  return (
    <Stack gap="xl">
      <PageHead title="Operations">What flows, what waits, and for whom.</PageHead>
      <Waiting />
      <Flows />
    </Stack>
  );
}
