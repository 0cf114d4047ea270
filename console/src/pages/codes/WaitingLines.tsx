// How many order lines wait for codes of a map, with the way to them.

import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { CodeMap } from "../../api/codes.ts";
import { linesWord } from "../../words/codes.ts";

export function WaitingLines({ map: { domain, waiting } }: { readonly map: CodeMap }) {
  if (waiting === 0)
    return (
      <Text span inherit c="dimmed">
        nothing
      </Text>
    );
  return (
    <Anchor
      component={Link}
      inherit
      underline="always"
      to="/work"
      search={{ domain, queue: `${domain}-codes`, reason: "SU-100" } as never}
    >
      {linesWord(waiting)}
    </Anchor>
  );
}
