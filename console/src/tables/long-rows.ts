// Long tables: of a hundred thousand rows only those near what is seen are in the page.

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useLayoutEffect, useRef, useState } from "react";

/** Up to so many rows all of them are there: the browser's own search and a printer find each. */
const ALL_UP_TO = 300;
const OVERSCAN = 20;

/** What a table shows of its rows: those of `places`, between two gaps that keep their room. */
export type LongRows = {
  /** Goes on the body of the table. */
  readonly body: RefObject<HTMLTableSectionElement | null>;
  readonly places: readonly number[];
  readonly beforePx: number;
  readonly afterPx: number;
};

/** Chooses the rows of a table in a page that scrolls as a whole. @param rowPx how high a row is, about */
export function useLongRows(count: number, rowPx: number): LongRows {
  const body = useRef<HTMLTableSectionElement>(null);
  const [fromTopPx, setFromTopPx] = useState(0);
  useLayoutEffect(() => {
    if (body.current) setFromTopPx(body.current.getBoundingClientRect().top + window.scrollY);
  }, []);
  const rows = useWindowVirtualizer({
    count,
    enabled: count > ALL_UP_TO,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
    scrollMargin: fromTopPx,
  });
  if (count <= ALL_UP_TO)
    return { body, places: Array.from({ length: count }, (_, place) => place), beforePx: 0, afterPx: 0 };
  const seen = rows.getVirtualItems();
  return {
    body,
    places: seen.map(({ index }) => index),
    beforePx: (seen[0]?.start ?? fromTopPx) - fromTopPx,
    afterPx: rows.getTotalSize() - ((seen.at(-1)?.end ?? fromTopPx) - fromTopPx),
  };
}
