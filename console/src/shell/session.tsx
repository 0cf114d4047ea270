// Who is signed in. No token is here: the browser holds a cookie that no script can read.

import { useIdle } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { setCsrfToken, setPurpose } from "../api/client.ts";
import { type Problem, problemOf, Refused } from "../api/problem.ts";
import { Failed, Loading } from "../states/States.tsx";
import { purposeOf } from "./purpose.ts";
import { SignIn } from "./SignIn.tsx";

/** Whoever is signed in. */
export type Session = {
  readonly person: { readonly id: string; readonly name: string; readonly roles: readonly string[] };
  readonly csrfToken: string;
  /** When it is locked unless it is used before, and when it ends in any case. */
  readonly locksAt: string;
  readonly endsAt: string;
};

const SessionContext = createContext<Session | undefined>(undefined);

/** The session of whoever looks at this page; there is one wherever a page is shown. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session");
  return session;
}

/** How often it is looked whether the session still is: it may be ended elsewhere. */
const LOOK_EVERY_MS = 60_000;
const IDLE_MS = 15 * 60_000;

async function readSession(): Promise<Session | null> {
  const answer = await fetch("/auth/session", { headers: { accept: "application/json" } });
  if (answer.status === 401) return null;
  if (!answer.ok) {
    const { code = "INTERNAL", title = answer.statusText } = (await answer
      .json()
      .catch(() => ({}))) as Partial<Problem>;
    throw new Refused({ status: answer.status, code, title });
  }
  const session = (await answer.json()) as Session;
  setCsrfToken(session.csrfToken);
  setPurpose(purposeOf(session.person.roles));
  return session;
}

/** Ends the session. @returns where the identity provider wants the browser to go on to, if anywhere */
export async function signOut({ csrfToken }: Session): Promise<string | undefined> {
  const answer = await fetch("/auth/sign-out", { method: "POST", headers: { "x-csrf-token": csrfToken } });
  const { continueAt } = (await answer.json().catch(() => ({}))) as { continueAt?: string };
  return continueAt;
}

/** Shows its children to whoever is signed in, and the way to sign in to everybody else. */
export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [isLocked, setIsLocked] = useState(false);
  const queries = useQueryClient();
  const session = useQuery({
    queryKey: ["session"],
    queryFn: readSession,
    refetchInterval: LOOK_EVERY_MS,
    enabled: !isLocked,
  });
  // The page asks for news by itself, so the gateway cannot tell an empty chair: the page has to.
  const isIdle = useIdle(IDLE_MS, { initialState: false });
  const current = session.data;
  useEffect(() => {
    if (!isIdle || !current || isLocked) return;
    setIsLocked(true);
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
    void signOut(current);
  }, [isIdle, current, isLocked, queries]);
  if (session.isPending || (session.isError && !current))
    return (
      <main>
        <h1 className="visually-hidden">Lockgate</h1>
        {session.isPending ? (
          <Loading />
        ) : (
          <Failed problem={problemOf(session.error)} retry={() => session.refetch()} />
        )}
      </main>
    );
  if (!current || isLocked) return <SignIn isLocked={isLocked} />;
  return <SessionContext value={current}>{children}</SessionContext>;
}
