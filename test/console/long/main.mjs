// A hundred thousand rows in a page of their own, chosen as the console's long tables choose theirs.

import { createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { useLongRows } from "../../../console/src/tables/long-rows.ts";

const COUNT = 100_000;
const ROW_PX = 40;

function Long() {
  const { body, places, beforePx, afterPx } = useLongRows(COUNT, ROW_PX);
  const gap = (height) => h("tr", null, h("td", { style: { height, padding: 0 } }));
  const row = (place) =>
    h("tr", { key: place, className: "row", style: { height: ROW_PX } }, h("td", null, `row ${place}`));
  return h("table", null, h("tbody", { ref: body }, gap(beforePx), places.map(row), gap(afterPx)));
}

createRoot(document.getElementById("root")).render(h(Long));
