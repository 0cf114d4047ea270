// What stands there before the first page does: nothing of the frame is there yet either.

import { useRouterState } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { PageLoading } from "../states/States.tsx";

export function Beginning({ children }: { readonly children: ReactNode }): ReactElement {
  const hasBegun = useRouterState({ select: ({ matches }): boolean => matches.length > 0 });
  return (
    <>
      {!hasBegun && (
        <main>
          <PageLoading />
        </main>
      )}
      {children}
    </>
  );
}
