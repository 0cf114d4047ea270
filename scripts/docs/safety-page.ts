// Prints docs/safety/README.md from docs/safety/controls.yaml: which hazard is held by which control, and which test shows it.

import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { printedBy, table } from "./page.ts";

const SOURCE = "docs/safety/controls.yaml";

const shown = z.strictObject({ file: z.string(), test: z.string() });
const control = z.strictObject({
  control: z.string(),
  /** The kinds of control that DCB0129 tells apart. */
  type: z.enum(["design", "test", "training", "business process change"]),
  shownBy: z.array(shown).min(1),
});
const rating = z.strictObject({ likelihood: z.string(), severity: z.string(), rating: z.int().min(1).max(5) });

/** The shape of the file. Ratings are starters: a clinical safety officer sets them. */
export const controlsSchema = z.strictObject({
  hazards: z.array(
    z.strictObject({
      id: z.string().regex(/^H\d\d$/),
      hazard: z.string(),
      causes: z.string(),
      initial: rating,
      residual: rating,
      controls: z.array(control).min(1),
    }),
  ),
  requirements: z.array(z.strictObject({ row: z.int(), requirement: z.string(), controls: z.array(control).min(1) })),
});
export type Controls = z.output<typeof controlsSchema>;

/** The controls as the file says them. @throws ZodError */
export const readControls = (): Controls => controlsSchema.parse(parse(readFileSync(SOURCE, "utf8")));

const INTRODUCTION = `# Safety: hazards, controls, and the tests that show them

${printedBy} The source is \`${SOURCE}\`; a check fails if a test named here is not there.

Hazards are numbered as in the project's hazard log and rated as in DCB0129. The ratings are starters for a clinical safety
officer, who owns them; a row is never deleted, it is closed. What a deployer must do beside is in [deploying](deploying.md).`;

type Rows = Controls["hazards"][number]["controls"];

const controlRows = (controls: Rows): string[][] =>
  controls.flatMap(({ control: text, type, shownBy }) =>
    shownBy.map(({ file, test }, index) => [index === 0 ? text : "", index === 0 ? type : "", `\`${file}\`: ${test}`]),
  );

const said = ({ likelihood, severity, rating: value }: Controls["hazards"][number]["initial"]): string =>
  `${likelihood} / ${severity}, ${value}`;

/** The whole page. */
export function safetyPage({ hazards, requirements }: Controls = readControls()): string {
  const heads = ["control", "type", "shown by"];
  const ofHazards = hazards.map(
    ({ id, hazard, causes, initial, residual, controls }) =>
      `## ${id}: ${hazard}\n\nCauses: ${causes}\nInitial likelihood / severity, rating: ${said(initial)}. Residual: ${said(residual)}.\n\n${table(heads, controlRows(controls))}`,
  );
  const ofRequirements = requirements.map(
    ({ row, requirement, controls }) =>
      `## Requirement ${row}: ${requirement}\n\n${table(heads, controlRows(controls))}`,
  );
  return `${[INTRODUCTION, ...ofHazards, ...ofRequirements].join("\n\n")}\n`;
}
