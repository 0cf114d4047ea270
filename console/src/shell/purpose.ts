// What data is asked for, as privacy law means it: it goes with the role that somebody works in.

const OF_ROLE = [
  ["auditor", "audit"],
  ["clinical-safety-officer", "safety-review"],
  ["finance", "finance"],
] as const;

/** The purpose of whoever works in those roles; whoever has others beside administers. */
export const purposeOf = (roles: readonly string[]): string =>
  OF_ROLE.find(([role]) => roles.length === 1 && roles[0] === role)?.[1] ?? "administration";
