// What an item's content says beside its rows, member by member.

import { Table } from "@mantine/core";
import { actionWord } from "../../words/deeds.ts";
import { readable, wordOf } from "../../words/fields.ts";
import { reasonOf } from "../../words/reasons.ts";

type Facts = Readonly<Record<string, unknown>>;

const names: Readonly<Record<string, string>> = {
  survivor: "Record that stays",
  retired: "Record that goes",
  neverTheSame: "Said to be different people",
  requestedBy: "Asked for by",
  first: "What was decided first",
  second: "What the blind second review says",
};

const isObject = (value: unknown): value is Facts =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value in words: an identifier with its system, a list with commas, an object by its members. */
function said(name: string, value: unknown): string {
  if (name === "answer") return actionWord(String(value));
  if (Array.isArray(value)) return value.map((one) => said(name, one)).join(", ");
  if (!isObject(value)) return (typeof value === "string" ? reasonOf(value) : undefined) ?? readable(name, value);
  if ("system" in value && "value" in value) return `${value.value} (${value.system})`;
  return Object.entries(value)
    .filter(([member, one]) => member !== "erpVersion" && one !== null)
    .map(([member, one]) => (member === "identifiers" ? said(member, one) : `${wordOf(member)}: ${said(member, one)}`))
    .join("; ");
}

export function Facts({ facts }: { readonly facts: Facts }) {
  const known = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined && value !== false);
  if (known.length === 0) return null;
  return (
    <Table variant="vertical" withTableBorder aria-label="More about it">
      <Table.Tbody>
        {known.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w={200}>
              {names[name] ?? wordOf(name)}
            </Table.Th>
            <Table.Td>{said(name, value)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
