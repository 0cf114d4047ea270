// A table that may be wider than the window: it scrolls within itself, by the keys as well.

import { Box } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";

export function Wide({ minWidth, children }: { readonly minWidth: number; readonly children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [isTooWide, setIsTooWide] = useState(false);
  useEffect(() => {
    const element = box.current!;
    const look = () => setIsTooWide(element.scrollWidth > element.clientWidth);
    const observer = new ResizeObserver(look);
    observer.observe(element);
    observer.observe(element.firstElementChild!);
    return () => observer.disconnect();
  }, []);
  return (
    <Box
      ref={box}
      style={{ overflowX: "auto", position: "relative" }}
      // Only what scrolls is a stop on the way of whoever works by the keys.
      {...(isTooWide ? { tabIndex: 0, role: "group", "aria-label": "A wide table, scrolls sideways" } : {})}
    >
      <div style={{ minWidth }}>{children}</div>
    </Box>
  );
}
