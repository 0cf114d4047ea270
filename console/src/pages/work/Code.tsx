// A reason in words, with its code for whoever looks it up.

import { Text } from "@mantine/core";
import { reasonOf } from "../../words/reasons.ts";

export function Code({ of, said }: { readonly of: string | null | undefined; readonly said?: string | undefined }) {
  if (!of) return null;
  const words = said ?? reasonOf(of);
  return (
    <>
      {words}{" "}
      <Text span size="sm" c="dimmed" ff="monospace">
        {of}
      </Text>
    </>
  );
}
