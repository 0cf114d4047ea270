// Adds to a definition how steps are taken back whose effects ride on the commit of their transition.

import type { SagaDefinition } from "#engine/sagas";

type Undo = NonNullable<Extract<SagaDefinition["steps"][number], { kind: "run" }>["undo"]>;

/**
 * `definition` with `undos` by the name of their step. Such a step reads elsewhere and writes only by its effects, so it
 * needs no commit before it; the request that its effects hand in can be taken back all the same.
 */
export const withUndo = (definition: SagaDefinition, undos: Readonly<Record<string, Undo>>): SagaDefinition => ({
  ...definition,
  steps: definition.steps.map((step) => {
    const undo = undos[step.name];
    return step.kind === "run" && undo ? { ...step, undo } : step;
  }),
});
