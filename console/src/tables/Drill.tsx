// A number with the way to what it counts, for those whose pages hold it; for everybody else the number alone.

import { Anchor, Text, type TextProps } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { isOffered } from "../shell/places.ts";
import { useSession } from "../shell/session.tsx";

export function Drill({
  to,
  label,
  children,
  ...text
}: TextProps & {
  readonly to: string;
  /** What it counts, for whoever hears the page. */
  readonly label?: string;
  readonly children: ReactNode;
}) {
  const { roles } = useSession().person;
  if (!isOffered(roles, to))
    return (
      <Text span inherit {...text}>
        {children}
      </Text>
    );
  return (
    <Anchor component={Link} inherit to={to} {...text} {...(label ? { "aria-label": label } : {})}>
      {children}
    </Anchor>
  );
}
