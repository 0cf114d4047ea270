// Defining a saga: steps in order, each typed by what the steps before it record.

import type {
  AnyStep,
  Asked,
  AskStep,
  ParallelBranch,
  RunStep,
  SagaDefinition,
  SagaOptions,
  StepContext,
  WaitStep,
} from "./types.ts";
import { END } from "./types.ts";

/** Whether a step takes place; told from what is recorded alone. A step that does not records nothing. */
type When<Input, Results> = (context: StepContext<Input, Results>) => boolean;

/** The results once step `Name` is through. */
type With<Results, Name extends string, Result> = Results & { readonly [N in Name]: Result };

/** Of a step that always takes place, or only when it is needed: then there may be no result. */
type Always = { readonly when?: undefined };
type Sometimes<Input, Results> = { readonly when: When<Input, Results> };

/** A definition in the making. Every method returns it with one step more. */
export type SagaBuilder<Input, Results> = {
  /** Does something, and records what it returns. */
  step<Name extends string, Result>(
    name: Name,
    step: RunStep<Input, Results, Result> & Always,
  ): SagaBuilder<Input, With<Results, Name, Result>>;
  step<Name extends string, Result>(
    name: Name,
    step: RunStep<Input, Results, Result> & Sometimes<Input, Results>,
  ): SagaBuilder<Input, With<Results, Name, Result | undefined>>;
  /** Waits for an event or a time; records the event's body, or nothing if it came too late. */
  wait<Name extends string, Body = undefined>(
    name: Name,
    step: WaitStep<Input, Results, Body> & (Always | Sometimes<Input, Results>),
  ): SagaBuilder<Input, With<Results, Name, Body | undefined>>;
  /** Asks a person through a work item; records who decided what. */
  ask<Name extends string>(
    name: Name,
    step: AskStep<Input, Results> & Always,
  ): SagaBuilder<Input, With<Results, Name, Asked>>;
  ask<Name extends string>(
    name: Name,
    step: AskStep<Input, Results> & Sometimes<Input, Results>,
  ): SagaBuilder<Input, With<Results, Name, Asked | undefined>>;
  /** Runs branches at the same time; records their results by branch. */
  parallel<Name extends string, Branches extends Record<string, unknown>>(
    name: Name,
    branches: { readonly [B in keyof Branches]: ParallelBranch<Input, Results, Branches[B]> },
  ): SagaBuilder<Input, With<Results, Name, Branches>>;
  /** The definition, checked: names are unique, and every way leads back to a step or to the end. */
  end(): SagaDefinition;
};

/** Begins the definition of a saga. A file `<name>.saga.ts` exports what `end()` returns. */
export const defineSaga = <Input>(options: SagaOptions<Input>): SagaBuilder<Input, Record<never, never>> =>
  build(options as SagaOptions<unknown>, []) as unknown as SagaBuilder<Input, Record<never, never>>;

function build(options: SagaOptions<unknown>, steps: readonly AnyStep[]): unknown {
  const plus = (step: unknown) => build(options, [...steps, step as AnyStep]);
  return {
    step: (name: string, step: object) => plus({ ...step, name, kind: "run" }),
    wait: (name: string, step: object) => plus({ ...step, name, kind: "wait" }),
    ask: (name: string, step: object) => plus({ ...step, name, kind: "ask" }),
    parallel: (name: string, branches: object) => plus({ name, kind: "parallel", branches }),
    end: (): SagaDefinition => checked({ ...options, steps }),
  };
}

/** A definition that is wrong is a fault of the code: it stops the start. */
function checked(definition: SagaDefinition): SagaDefinition {
  const names = definition.steps.map(({ name }) => name);
  if (new Set(names).size !== names.length || names.includes(END))
    throw new TypeError(`${definition.name}: two steps have one name, or one is called ${END}`);
  if (names.length === 0) throw new TypeError(`${definition.name}: there is no step`);
  // An entry of a journal names a branch as `step/branch`.
  if (names.some((name) => name.includes("/")))
    throw new TypeError(`${definition.name}: a name of a step holds a slash`);
  for (const [index, { name, ways = {} }] of definition.steps.entries())
    for (const target of Object.values(ways))
      if (target !== END && !names.slice(0, index + 1).includes(target))
        throw new TypeError(`${definition.name}: a way of ${name} leads neither back nor to the end`);
  return definition;
}
