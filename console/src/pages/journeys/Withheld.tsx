// Says that a message is not shown whole.

import { Alert, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Nothing where nothing is withheld. */
export function Withheld({
  what,
  children,
}: {
  readonly what: string | undefined;
  /** What there is to say or to do about it. */
  readonly children: ReactNode;
}) {
  if (!what) return null;
  return (
    <Alert color="yellow" title={what === "everything" ? "Nothing of it is shown" : "Part of it is not shown"}>
      <Stack gap="xs" align="flex-start">
        <Text>It may tell where somebody is who must not be found.</Text>
        {children}
      </Stack>
    </Alert>
  );
}
