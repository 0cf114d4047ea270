// An order line that the ERP refused: what of it, and what may be done before it is tried again.

import { Anchor, List, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { isOffered } from "../../shell/places.ts";
import { useSession } from "../../shell/session.tsx";
import { kindOf } from "../../words/codes.ts";
import { type Line, OrderLine } from "./OrderLine.tsx";

/** The content of such an item. */
export type RefusedLineContent = {
  readonly kind: "requisition-line";
  readonly line: Line;
  readonly mapped?: Readonly<Record<string, string | null>>;
  /** What the ERP holds of the line, where that is something else. */
  readonly held?: Readonly<Record<string, string | number | null>>;
  /** Fields that the ERP refused, or holds otherwise, where it told. */
  readonly at?: readonly string[];
};

/** Whether an item's content is such a line. */
export const isRefusedLine = (content: object): content is RefusedLineContent =>
  "kind" in content && content.kind === "requisition-line" && "line" in content;

const CODED = ["item", "supplier", "unit", "location"] as const;

export function RefusedLine({ content: { line, mapped, held, at = [] } }: { readonly content: RefusedLineContent }) {
  const { roles } = useSession().person;
  const coded = CODED.filter((field) => at.includes(field) && line[field]);
  return (
    <Stack gap="sm" maw={760}>
      <Text>
        {held
          ? "The ERP has this line already, and with other values: it was ordered before, or somebody changed it in the ERP. Nothing was written. If you replace it, the ERP holds what is ordered here, unless it changes once more before that."
          : "The ERP did not take this line. Mend what is wrong in the ERP, or change what a code stands for; then try the line again."}
      </Text>
      <OrderLine line={line} mapped={mapped} held={held} marked={{ fields: at, said: held ? "differs" : "refused" }} />
      {coded.length > 0 && isOffered(roles, "/codes") && (
        <List size="sm">
          {coded.map((field) => (
            <List.Item key={field}>
              <Anchor
                component={Link}
                inherit
                underline="always"
                to={`/codes/${field}`}
                search={{ search: line[field] } as never}
              >
                What {kindOf(field).one} {line[field]} stands for
              </Anchor>
            </List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}
