// temporary look at all the violations there are
import { test } from "vitest";
import { copies } from "./copies.ts";
import { readSources, treeOf, isCode } from "./sources.ts";
test("x", () => {
  const s = readSources();
  let t = Date.now(); s.filter(isCode).forEach(treeOf); console.log("parse", Date.now()-t);
  for (const n of [40, 50, 60, 75, 100]) {
    const t = Date.now();
    const v = copies(s, n);
    console.log(n, v.length, Date.now() - t, "ms\n" + v.map((x) => `   ${x.path}:${x.line} ${x.what}`).join("\n"));
  }
});
