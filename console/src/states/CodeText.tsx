// Text of a program, line by line, with what was gained and lost marked by sign and by ground.

import { Box } from "@mantine/core";
import type { Line } from "../pages/channels/lines.ts";

const grounds = {
  " ": "transparent",
  "+": "var(--mantine-color-green-light)",
  "-": "var(--mantine-color-red-light)",
} as const;
const said = { " ": "", "+": "added: ", "-": "removed: " } as const;

export function CodeText({ label, lines }: { readonly label: string; readonly lines: readonly Line[] }) {
  const isCompared = lines.some(({ sign }) => sign !== " ");
  return (
    <Box
      component="pre"
      // Whoever has no mouse scrolls it by the keys.
      tabIndex={0}
      role="region"
      aria-label={label}
      m={0}
      p="sm"
      fz="sm"
      style={{
        overflow: "auto",
        maxHeight: "60vh",
        border: "1px solid var(--mantine-color-default-border)",
        borderRadius: 4,
      }}
    >
      {lines
        .map((line, nth) => ({ ...line, nth }))
        .map(({ text, sign, nth }) => (
          <Box component="span" key={nth} display="block" bg={grounds[sign]} style={{ whiteSpace: "pre" }}>
            {isCompared && <span aria-hidden>{sign} </span>}
            {sign !== " " && <span className="visually-hidden">{said[sign]}</span>}
            {text || " "}
          </Box>
        ))}
    </Box>
  );
}
