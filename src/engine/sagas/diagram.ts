// A saga as a picture: a Mermaid flowchart of its definition, with the way an instance has gone so far.

import { isVisit } from "./context.ts";
import { type AnyStep, END, type Entry, type InstanceWithJournal, type SagaDefinition } from "./types.ts";

const BEGIN = "begin";
/** Not `end`: Mermaid keeps that word for itself. */
const FINISH = "finish";

/** How each kind of step is drawn: a box does something, a round one waits, a rhombus asks a person. */
const shapes: Record<AnyStep["kind"], readonly [string, string]> = {
  run: ["[", "]"],
  parallel: ["[[", "]]"],
  wait: ["([", "])"],
  ask: ["{", "}"],
};

const looks = {
  done: "fill:#d5ecd4,stroke:#3b7a3a",
  now: "fill:#fdf0c2,stroke:#a67c00",
  undone: "fill:#eeeeee,stroke:#777777",
};

const label = (step: AnyStep): string =>
  step.kind === "parallel" ? `${step.name}: ${Object.keys(step.branches).join(", ")}` : step.name;
const node = (index: number): string => `s${index}`;

/**
 * Mermaid text (`flowchart TD`) of a definition. With an instance, steps that recorded something are marked `done`, the one
 * it stands at `now`, and what was taken back `undone`. Holds names of steps and outcomes only.
 */
export function diagramOf({ steps }: SagaDefinition, instance?: InstanceWithJournal): string {
  const at = (name: string) => (name === END ? FINISH : node(steps.findIndex((step) => step.name === name)));
  const next = (index: number) => (index + 1 < steps.length ? node(index + 1) : FINISH);
  const lines = ["flowchart TD", `  ${BEGIN}(("begin")) --> ${node(0)}`];
  for (const [index, step] of steps.entries()) {
    const [open, close] = shapes[step.kind];
    lines.push(`  ${node(index)}${open}"${label(step)}"${close}`);
    lines.push(`  ${node(index)} --> ${next(index)}`);
    if (step.when) lines.push(`  ${index === 0 ? BEGIN : node(index - 1)} -.->|"not needed"| ${next(index)}`);
    for (const [outcome, target] of Object.entries(step.ways ?? {}))
      lines.push(`  ${node(index)} -->|"${outcome}"| ${at(target)}`);
  }
  lines.push(`  ${FINISH}(("end"))`);
  return [...lines, ...(instance ? marks(steps, instance) : [])].join("\n");
}

function marks(steps: readonly AnyStep[], { journal, step, status }: InstanceWithJournal): string[] {
  const recorded = (kind: (entry: Entry["kind"]) => boolean) =>
    new Set(journal.filter((entry) => kind(entry.kind)).map((entry) => entry.step.split("/")[0]));
  const undone = recorded((kind) => kind === "undone");
  const done = recorded(isVisit);
  const classOf = (name: string): string | undefined =>
    name === step ? "now" : undone.has(name) ? "undone" : done.has(name) ? "done" : undefined;
  const named = steps.flatMap(({ name }, index) => {
    const mark = classOf(name);
    return mark ? [`  class ${node(index)} ${mark}`] : [];
  });
  const classes = Object.entries(looks).map(([name, look]) => `  classDef ${name} ${look}`);
  return [...classes, ...named, ...(status === "completed" ? [`  class ${FINISH} done`] : [])];
}
