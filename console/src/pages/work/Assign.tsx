// Giving an item to somebody else: out of those who were here lately and may decide it.

import { Button, Group, Select } from "@mantine/core";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { type Deed, type Item, useAssignees } from "../../api/work.ts";
import { Failed } from "../../states/States.tsx";

export function Assign({
  item,
  me,
  isPending,
  doIt,
}: {
  readonly item: Item;
  /** Whoever looks: they take it on by another button. */
  readonly me: string;
  readonly isPending: boolean;
  doIt(deed: Deed): void;
}) {
  const [isOpen, setOpen] = useState(false);
  const [to, setTo] = useState<string | null>(null);
  const people = useAssignees(item.id ?? "", isOpen);
  if (!isOpen)
    return (
      <Button variant="default" size="xs" onClick={() => setOpen(true)}>
        Give it to somebody
      </Button>
    );
  if (people.isError) return <Failed problem={problemOf(people.error)} />;
  const others = (people.data ?? []).filter(({ id }) => id !== me && id !== item.owner);
  return (
    <Group gap="xs" align="end">
      <Select
        size="xs"
        label="Give it to"
        description="Those who were here lately and may decide it"
        placeholder={people.isPending ? "Looking" : others.length === 0 ? "Nobody else" : "Choose somebody"}
        data={others.map(({ id, name }) => ({ value: id, label: name }))}
        value={to}
        onChange={setTo}
        searchable
      />
      <Button
        size="xs"
        disabled={to === null}
        loading={isPending}
        onClick={() => to !== null && doIt({ name: "assign", to })}
      >
        Give it
      </Button>
      <Button size="xs" variant="default" onClick={() => setOpen(false)}>
        Keep it
      </Button>
    </Group>
  );
}
