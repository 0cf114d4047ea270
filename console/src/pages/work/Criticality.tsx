// How pressing something is, in a word and a colour.

import { Badge } from "@mantine/core";
import type { ItemSummary } from "../../api/work.ts";

const colours = { critical: "red", high: "yellow", normal: "blue", low: "gray" } as const;

export function Criticality({ of }: { readonly of: ItemSummary["criticality"] }) {
  return of ? <Badge color={colours[of]}>{of}</Badge> : null;
}
