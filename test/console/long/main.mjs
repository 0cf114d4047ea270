// A hundred thousand rows in a page of their own, chosen and found as the console's long tables do it.

import { createElement as h, useDeferredValue, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { useLongRows } from "../../../console/src/tables/long-rows.ts";
import { rowsWith } from "../../../console/src/tables/rows-with.ts";

const COUNT = 100_000;
const ROW_PX = 40;
const all = Array.from({ length: COUNT }, (_, nth) => ({ text: `row ${nth}`, code: `CODE-${nth % 97}` }));
const told = ({ text, code }) => `${text} ${code}`;
// What a loop costs that does nothing but look.
globalThis.plainLoop = (sought) => all.filter((row) => told(row).toLowerCase().includes(sought)).length;

function Long() {
  const [text, setText] = useState("");
  const sought = useDeferredValue(text);
  const rows = useMemo(() => rowsWith(all, sought, told), [sought]);
  const { body, places, beforePx, afterPx } = useLongRows(rows.length, ROW_PX);
  const gap = (height) => h("tr", null, h("td", { style: { height, padding: 0 } }));
  const row = (place) =>
    h("tr", { key: place, className: "row", style: { height: ROW_PX } }, h("td", null, rows[place].text));
  return h(
    "div",
    null,
    h("input", { "aria-label": "Find", value: text, onChange: (event) => setText(event.target.value) }),
    h("p", { id: "found" }, `${rows.length} found`),
    h("table", null, h("tbody", { ref: body }, gap(beforePx), places.map(row), gap(afterPx))),
  );
}

createRoot(document.getElementById("root")).render(h(Long));
