// The nouns of sagas: a definition of steps, an instance under way, and what its journal recorded.

import type { Effects, Envelope, RetryPolicy, Settlement } from "#engine/backbone";
import type { Criticality, NewItem } from "#engine/work";

/** An instance as its steps see it. */
export type InstanceFacts = Pick<Envelope, "journeyId" | "traceparent" | "position"> & {
  readonly id: string;
  readonly saga: string;
  /** Correlation key, unique among the saga's instances. */
  readonly key: string;
};

/** What a step may know. */
export type StepContext<Input, Results> = {
  readonly input: Input;
  /** What earlier steps recorded, by name; of a step that ran several times, the last. */
  readonly results: Results;
  readonly instance: InstanceFacts;
  /**
   * Idempotency key for what the step does elsewhere: the same at every attempt, another for each visit of a step that
   * runs again and for its undo.
   */
  readonly key: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly signal: AbortSignal;
};

/** What a step that ran leaves behind: its result is recorded, its effects are committed with the transition. */
export type StepEnd<Result> = Effects & {
  readonly result: Result;
  /** Names the way on: a saga may go back to an earlier step, or end, by it. */
  readonly outcome?: string | undefined;
};

/** Where an outcome leads other than to the next step: back to an earlier step by its name, or to the end. */
export type Ways = Readonly<Record<string, string>>;

/** The end of a saga, as a target of `ways`. */
export const END = "end";

/** A step that does something. */
export type RunStep<Input, Results, Result> = {
  /**
   * The step only reads elsewhere; what it writes are its effects. It may run again if its commit is lost, and it shares a
   * commit with its neighbours.
   * Without it the step is a transition of its own: all before it is committed when it runs.
   */
  readonly reads?: true;
  /** Where something was heard before it, its commit does not wait for the steps after it: others go by what it found. */
  readonly keeps?: true;
  /** Tried again at once this often before the back-off begins. Default 0. */
  readonly immediateRetries?: number;
  run(context: StepContext<Input, Results>): Promise<StepEnd<Result>>;
  /** Takes back what `run` did; MUST be idempotent under `context.key`. */
  undo?(context: StepContext<Input, Results> & { readonly result: Result }): Promise<Effects>;
  readonly ways?: Ways;
};

/** A step that waits: for an event, or until a time has passed. */
export type WaitStep<Input, Results, Body> = {
  /** The event's name and how it finds its instance; absent: only time passes. */
  readonly event?: EventOf<Body>;
  /** After this long, in milliseconds, the step ends with outcome `late`; absent: it waits for ever. */
  withinMs?(context: StepContext<Input, Results>): number;
  readonly ways?: Ways;
  /** How an event's body counts: its outcome. */
  outcome?(body: Body): string;
};

/** A message of the backbone as an event of a saga. */
export type EventOf<Body> = {
  readonly topic: string;
  read(message: Envelope): Body;
  /** The correlation key of the instance it is for; undefined: for none of this saga. */
  key(body: Body): string | undefined;
};

/** What a person decided, as a step's result. */
export type Asked = {
  readonly itemId: string;
  /** The action chosen, `expired`, or `withdrawn` where another process took the question over. */
  readonly action: string;
  readonly by: readonly { readonly name: string; readonly roles: readonly string[]; readonly at: string }[];
  /** Parts of what was asked that were refused while the rest was chosen. */
  readonly refused?: readonly string[] | undefined;
  readonly comment?: string | undefined;
};

/** A step that asks a person; the action chosen is its outcome. */
export type AskStep<Input, Results> = {
  ask(context: StepContext<Input, Results>): Promise<Effects & { readonly item: Omit<NewItem, "reply" | "journeyId"> }>;
  readonly ways?: Ways;
};

/** Steps that run at the same time. Those that succeed are recorded even if another has to be tried again. */
export type ParallelBranch<Input, Results, Result> = Pick<RunStep<Input, Results, Result>, "run" | "undo">;

/** One step of a definition, its types erased. */
export type AnyStep = { readonly name: string; when?(context: AnyContext): boolean; readonly ways?: Ways } & (
  | ({ readonly kind: "run" } & Omit<RunStep<unknown, AnyResults, unknown>, "ways">)
  | ({ readonly kind: "wait" } & Omit<WaitStep<unknown, AnyResults, unknown>, "ways">)
  | ({ readonly kind: "ask" } & Omit<AskStep<unknown, AnyResults>, "ways">)
  | {
      readonly kind: "parallel";
      readonly branches: Readonly<Record<string, ParallelBranch<unknown, AnyResults, unknown>>>;
    }
);
export type AnyResults = Readonly<Record<string, unknown>>;
export type AnyContext = StepContext<unknown, AnyResults>;

/** What starts a saga and how its troubles are dealt with. */
export type SagaOptions<Input> = {
  /** `noun.deed`; also the name of the subscription that starts it. */
  readonly name: string;
  /** Raised with every change that instances under way could notice; each instance ends under the version it began with. */
  readonly version: number;
  readonly topic: string;
  read(message: Envelope): Input;
  /** Correlation key of the instance that a message starts. Default: `journey:saga`. */
  key?(input: Input, message: Envelope): string;
  /** What is kept of the input once the first transition is through. Default: all. */
  keep?(input: Input, results: AnyResults): Input;
  /** Transitions under way at once on this node. Default 16. */
  readonly concurrency?: number;
  readonly retry?: Partial<RetryPolicy>;
  readonly undoRetry?: Partial<RetryPolicy>;
  /** How a failure settles other than by its disposition: for targets that are down as a whole. */
  settle?(thrown: unknown): Settlement | undefined;
  /** Where the items go that ask a person what to do about a step that failed. */
  readonly failures: {
    readonly queue: string;
    readonly domain: string;
    readonly criticality: Criticality;
    readonly dueMs: number;
    readonly roles: readonly string[];
  };
  /** Effects of the end, by the status it ended with. */
  onEnd?(context: AnyContext & { readonly ended: Ended; readonly code?: string | undefined }): Effects;
};

/** A saga as code, its types erased. */
export type SagaDefinition = SagaOptions<unknown> & { readonly steps: readonly AnyStep[] };

export type Ended = "completed" | "undone" | "cancelled";
export type Status = "running" | "waiting" | "paused" | "stuck" | "undoing" | Ended;

/** What a waiting instance waits for. */
export type Awaiting = {
  readonly event?: string;
  readonly item?: string;
  /** ISO instant. */
  readonly till?: string;
  /** Of a stuck instance: what it waited for when it stopped. */
  readonly before?: Awaiting | null;
};

/** One entry of a journal. */
export type Entry = {
  readonly revision: number;
  readonly ordinal: number;
  readonly step: string;
  /** `restarted`: a person sent the instance back to this step. */
  readonly kind: "ran" | "event" | "late" | "decided" | "undone" | "restarted";
  readonly outcome: string | null;
  readonly result: unknown;
  readonly attempt: number;
  /** ISO instant. */
  readonly at: string;
};

/** An instance as it stands. */
export type Instance = {
  readonly id: string;
  readonly saga: string;
  readonly version: number;
  readonly key: string;
  readonly journeyId: string;
  readonly traceparent: string | null;
  readonly status: Status;
  readonly step: string | null;
  readonly revision: number;
  readonly input: unknown;
  readonly awaiting: Awaiting | null;
  /** Of a paused instance: what it was. Of one that is being undone: what it will be then. */
  readonly resumes: Status | null;
  readonly code: string | null;
  readonly startedAt: Date;
  readonly changedAt: Date;
};
export type InstanceWithJournal = Instance & {
  readonly journal: readonly Entry[];
  /** Events that came early, by name. */
  readonly mailbox: Readonly<Record<string, unknown>>;
};
