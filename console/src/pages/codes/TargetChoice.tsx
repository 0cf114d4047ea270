// Choosing one of the ERP's list: looked for by its code or name; what is blocked is shown and cannot be chosen.

import { Badge, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { type CodeTarget, type FoundTargets, MOST_TARGETS, useTargets } from "../../api/codes.ts";
import { Answered } from "../../states/States.tsx";
import { kindOf, soughtFor } from "../../words/codes.ts";

const TYPING_MS = 250;

/** What was found, in words. */
const foundWord = (text: string, { targets, by }: FoundTargets): string => {
  const none = text === "" || by === text ? "" : `Nothing is found for “${text}”. `;
  if (by === "") return `${none}These come first in the ERP’s list.`;
  if (by !== text) return `${none}These hold “${by}”.`;
  return targets.length === MOST_TARGETS ? `The first ${MOST_TARGETS} found. Type more to find others.` : "";
};

export function TargetChoice({
  map,
  text: given,
  chosen,
  choose,
}: {
  readonly map: string;
  /** What the source calls it: looked for at once. */
  readonly text?: string | null | undefined;
  readonly chosen: CodeTarget | undefined;
  choose(target: CodeTarget | undefined): void;
}) {
  const { one, several } = kindOf(map);
  const [typed, setTyped] = useState<string>();
  const [sought] = useDebouncedValue(typed, TYPING_MS);
  const text = (sought ?? given ?? "").trim();
  const found = useTargets(map, sought === undefined ? soughtFor(given) : text === "" ? [] : [text]);
  return (
    <Stack gap="sm">
      <TextInput
        label={`Search the ERP’s ${several}`}
        description="By code or name"
        value={typed ?? given ?? ""}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          choose(undefined);
        }}
        autoComplete="off"
        spellCheck={false}
        maxLength={50}
      />
      <Answered query={found} isEmpty={({ targets }) => targets.length === 0} empty={`The ERP lists no ${several}.`}>
        {(all) => (
          <Radio.Group
            label={`Which ${one} is it?`}
            value={chosen?.code ?? ""}
            onChange={(code) => choose(all.targets.find((target) => target.code === code))}
          >
            <Text size="sm" c="dimmed" role="status">
              {foundWord(text, all)}
            </Text>
            <Stack gap={0}>
              {all.targets.map((target) => (
                <Target key={target.code} target={target} />
              ))}
            </Stack>
          </Radio.Group>
        )}
      </Answered>
    </Stack>
  );
}

const Target = ({ target: { code, name, isBlocked } }: { readonly target: CodeTarget }) => (
  <Radio
    value={code}
    disabled={isBlocked}
    py={6}
    style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}
    label={
      <Group gap="sm" wrap="wrap">
        <Text component="span" inherit ff="monospace" miw={80}>
          {code}
        </Text>
        <span>{name}</span>
        {isBlocked && <Badge color="red">blocked in the ERP</Badge>}
      </Group>
    }
  />
);
