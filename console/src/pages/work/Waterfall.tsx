// How a weight comes about: bar by bar from where everybody starts to the sum, with the lines that decide.

import { Table, Text } from "@mantine/core";

/** What one comparison gives, in bits. */
export type Reason = { readonly comparison: string; readonly weight: number; readonly said: string };

const WIDTH = 320;
const HEIGHT = 14;

type Step = { readonly said: string; readonly weight: number; readonly from: number };

/** Each step with the sum before it. */
function stepsOf(parts: readonly { readonly said: string; readonly weight: number }[]): readonly Step[] {
  let sum = 0;
  return parts.map(({ said, weight }) => {
    const from = sum;
    sum += weight;
    return { said, weight, from };
  });
}

export function Waterfall({
  prior,
  reasons,
  kinship,
  total,
  thresholds,
}: {
  readonly prior: number;
  readonly reasons: readonly Reason[];
  readonly kinship: number;
  readonly total: number;
  readonly thresholds?: { readonly auto: number; readonly review: number };
}) {
  const steps = stepsOf([
    { said: "how rare any match is among so many people", weight: prior },
    ...reasons,
    ...(kinship === 0 ? [] : [{ said: "a relative or twin would agree in this too", weight: kinship }]),
  ]);
  const lines = thresholds ? [thresholds.review, thresholds.auto] : [];
  const ends = [0, total, ...lines, ...steps.flatMap(({ from, weight }) => [from, from + weight])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const x = (weight: number): number => ((weight - low) / (high - low || 1)) * WIDTH;
  return (
    <Table aria-label="What speaks for and against" verticalSpacing={2}>
      <Table.Tbody>
        {steps.map(({ said, weight, from }) => (
          <Table.Tr key={said}>
            <Table.Td>{said}</Table.Td>
            <Table.Td ta="right" ff="monospace">
              {weight > 0 ? "+" : ""}
              {weight.toFixed(1)}
            </Table.Td>
            <Table.Td w={WIDTH}>
              <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
                {lines.map((line) => (
                  <line
                    key={line}
                    x1={x(line)}
                    x2={x(line)}
                    y1="0"
                    y2={HEIGHT}
                    stroke="currentColor"
                    strokeDasharray="2 2"
                  />
                ))}
                <rect
                  x={x(Math.min(from, from + weight))}
                  width={Math.max(1, Math.abs(x(from + weight) - x(from)))}
                  y="2"
                  height={HEIGHT - 4}
                  fill={`var(--mantine-color-${weight >= 0 ? "green" : "red"}-filled)`}
                />
              </svg>
            </Table.Td>
          </Table.Tr>
        ))}
        <Table.Tr>
          <Table.Th scope="row">together</Table.Th>
          <Table.Td ta="right" ff="monospace" fw={700}>
            {total.toFixed(1)}
          </Table.Td>
          <Table.Td>
            {thresholds && (
              <Text size="sm">
                a person is asked from {thresholds.review.toFixed(1)}, linked by itself from{" "}
                {thresholds.auto.toFixed(1)}
              </Text>
            )}
          </Table.Td>
        </Table.Tr>
      </Table.Tbody>
    </Table>
  );
}
