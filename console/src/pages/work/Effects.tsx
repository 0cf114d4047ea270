// What comes of an approval, told before it is given.

import { List, Text } from "@mantine/core";
import type { Item } from "../../api/work.ts";
import { wordOf } from "../../words/fields.ts";
import { When } from "../../words/When.tsx";
import type { Row } from "./Comparison.tsx";

const listed = new Intl.ListFormat("en-GB");
const named = (fields: readonly string[]): string =>
  listed.format(fields.map((field) => wordOf(field).replace(/^[A-Z](?=[a-z])/, (one) => one.toLowerCase())));

export function Effects({
  item: { actions = [], history = [] },
  rows,
  refused,
  erpChangedAt,
}: {
  readonly item: Item;
  readonly rows: readonly Row[];
  readonly refused: ReadonlySet<string>;
  readonly erpChangedAt: string | undefined;
}) {
  const approve = actions.find(({ name }) => name === "approve");
  if (!approve) return null;
  const isMerge = rows.some((row) => "retired" in row);
  const taken = rows.filter(({ field }) => !refused.has(field)).map(({ field }) => field);
  const left = rows.filter(({ field }) => refused.has(field)).map(({ field }) => field);
  const { quorum = 1 } = approve;
  const already = history.filter(({ deed, action }) => deed === "chose" && action === "approve").length;
  return (
    <div>
      <Text fw={700}>If you approve</Text>
      <List size="sm">
        {isMerge && (
          <List.Item>
            The record that goes is closed in the ERP, and points to the one that stays. Two stewards together can take
            this back.
          </List.Item>
        )}
        {!isMerge && taken.length > 0 && (
          <List.Item>
            {taken.length === 1 ? "One field" : `${taken.length} fields`} of one patient card in the ERP will be
            written: {named(taken)}.
          </List.Item>
        )}
        {!isMerge && taken.length === 0 && <List.Item>Nothing is left to write. Choose Refuse instead.</List.Item>}
        {left.length > 0 && taken.length > 0 && (
          <List.Item>The ERP keeps its own {named(left)}. The same value is not proposed again.</List.Item>
        )}
        {quorum > 1 && (
          <List.Item>
            {quorum} different people have to approve; {already} of them {already === 1 ? "has" : "have"} so far.
          </List.Item>
        )}
        {erpChangedAt && (
          <List.Item>
            The ERP's record was last changed <When at={erpChangedAt} isRelative />. If it changes before the write, you
            are asked again.
          </List.Item>
        )}
      </List>
    </div>
  );
}
