// What the platform says when it refuses (RFC 9457, with its own codes).

export type Problem = {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** The title with where it applies, where that is known. */
  readonly detail?: string | undefined;
};

/** A refused request, as an error that a query or a deed ends with. */
export class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

const UNREACHABLE: Problem = {
  status: 0,
  code: "UNREACHABLE",
  title: "Lockgate does not answer. Check the network, then try again.",
};

/** What is known of an error, whatever was thrown. */
export const problemOf = (thrown: unknown): Problem => (thrown instanceof Refused ? thrown.problem : UNREACHABLE);

/** Whether asking again would bring the same answer. */
export const isPermanent = (thrown: unknown): boolean => {
  const { status } = problemOf(thrown);
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
};
