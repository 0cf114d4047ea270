// Whom a statement may be about: the candidates side by side, and what speaks for and against each.

import { Alert, Anchor, Badge, Card, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useSession } from "../../shell/session.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { readable, wordOf } from "../../words/fields.ts";
import { KeepApart } from "../people/KeepApart.tsx";
import { type Reason, Waterfall } from "./Waterfall.tsx";

type Fields = Readonly<Record<string, unknown>>;
type Candidate = {
  readonly place: number;
  readonly personId?: string;
  readonly fields?: Fields;
  readonly restricted?: boolean;
  readonly canLink?: boolean;
  readonly weight?: number;
  readonly prior?: number;
  readonly kinship?: number;
  readonly reasons?: readonly Reason[];
};

/** The content of an item of matching. */
export type MatchContent = {
  readonly said?: string;
  readonly statement: { readonly fields?: Fields };
  readonly candidates: readonly Candidate[];
  readonly thresholds?: { readonly auto: number; readonly review: number };
  /** By how many bits the best candidate leads the next. */
  readonly margin?: number | null;
};

/** Whether an item's content is about a match. */
export const isMatch = (content: object): content is MatchContent =>
  "candidates" in content && Array.isArray(content.candidates) && "statement" in content;

/** Every two of those whose records are known. */
const pairsOf = (candidates: readonly Candidate[]) =>
  candidates.flatMap((one, index) =>
    candidates
      .slice(index + 1)
      .flatMap((other) =>
        one.personId && other.personId ? [{ one, other, personId: one.personId, otherId: other.personId }] : [],
      ),
  );

export function MatchReview({ content }: { readonly content: MatchContent }) {
  const { said, candidates, thresholds, margin } = content;
  const { roles } = useSession().person;
  // Whoever may not see what they say still sees that there are such records.
  const came = content.statement.fields ?? {};
  const records = [came, ...candidates.map((one) => one.fields ?? {})];
  const fields = [...new Set(records.flatMap(Object.keys))].filter((field) =>
    records.some((one) => (one[field] ?? null) !== null),
  );
  return (
    <Stack>
      {said && (
        <Alert title="Why it is in doubt">
          {said}
          {typeof margin === "number" && ` The best candidate leads the next by ${margin.toFixed(1)} bits.`}
        </Alert>
      )}
      <Wide minWidth={600}>
        <Table withTableBorder verticalSpacing={4} aria-label="Side by side">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>What came</Table.Th>
              {candidates.map(({ place, restricted }) => (
                <Table.Th key={place}>
                  Candidate {place} {restricted && <Badge color="red">restricted</Badge>}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {fields.map((field) => (
              <Table.Tr key={field}>
                <Table.Th scope="row">{wordOf(field)}</Table.Th>
                <Table.Td>{readable(field, came[field])}</Table.Td>
                {candidates.map((one) => {
                  const isSame = (one.fields?.[field] ?? null) === (came[field] ?? null);
                  return (
                    <Table.Td key={one.place} fw={isSame ? 400 : 700}>
                      {readable(field, one.fields?.[field])}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      <SimpleGrid cols={{ base: 1, xl: candidates.length > 1 ? 2 : 1 }}>
        {candidates.map((one) => (
          <Card key={one.place} withBorder>
            <Title order={2} size="h5">
              Candidate {one.place}
            </Title>
            {one.personId && (
              <Anchor component={Link} inherit to={`/people/${one.personId}`}>
                Whom this person was linked with before
              </Anchor>
            )}
            {one.reasons && one.weight !== undefined ? (
              <Waterfall
                prior={one.prior ?? 0}
                reasons={one.reasons}
                kinship={one.kinship ?? 0}
                total={one.weight}
                {...(thresholds ? { thresholds } : {})}
              />
            ) : (
              <Text c="dimmed">Not weighed.</Text>
            )}
          </Card>
        ))}
      </SimpleGrid>
      {roles.includes("steward") &&
        pairsOf(candidates).map(({ one, other, ...pair }) => (
          <div key={`${one.place} ${other.place}`}>
            <KeepApart {...pair} label={`Keep candidates ${one.place} and ${other.place} apart`} />
          </div>
        ))}
    </Stack>
  );
}
