// Who decides.

/** A person as the decision records one. */
export type Decider = { readonly name: string; readonly roles: readonly string[] };
