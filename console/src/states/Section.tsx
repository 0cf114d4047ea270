// A part of a page with a heading of its own.

import { Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

export function Section({
  title,
  hint,
  children,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Title order={2} size="h4" id={id}>
        {title}
      </Title>
      {hint && (
        <Text size="sm" c="dimmed">
          {hint}
        </Text>
      )}
      <div style={{ marginTop: "0.5rem" }}>{children}</div>
    </section>
  );
}
