// In whose name a job acts that goes on by itself, and when it may no longer.

/** Somebody who acts, with the roles that they have at that moment. */
export type Actor = { readonly name: string; readonly roles: readonly string[] };

/** Whom a job acts for, and since when it may. */
export type Authority = { readonly by: Actor; readonly since: Date };

/** Why a job may go on no longer: its time is up, or whoever it acts for has lost a role that they had. */
export type Lapse = "time" | "roles";

/** The roles that somebody was seen with last; undefined: nobody knows. */
export type RolesOf = (name: string) => Promise<readonly string[] | undefined>;

/** A shift: whoever started a job is asked again after that. */
export const AUTHORITY_MS = 8 * 3_600_000;

/** Why a job may not go on at this moment; undefined: it may. */
export async function lapseOf(
  { by, since }: Authority,
  rolesOf: RolesOf | undefined,
  nowMs: number,
): Promise<Lapse | undefined> {
  if (since.getTime() + AUTHORITY_MS <= nowMs) return "time";
  const held = await rolesOf?.(by.name);
  return held === undefined || by.roles.every((role) => held.includes(role)) ? undefined : "roles";
}
