// What a page shows while it has nothing to show: it loads, there is nothing, it failed, or one may not.

import { Alert, Button, Center, Loader, Stack, Text, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { type Problem, problemOf } from "../api/problem.ts";

/** Shows an answer, or why there is none. `empty` says in words when an answer holds nothing. */
export function Answered<Answer>({
  query,
  isEmpty = () => false,
  empty,
  children,
}: {
  readonly query: UseQueryResult<Answer>;
  readonly isEmpty?: (answer: Answer) => boolean;
  readonly empty?: ReactNode;
  readonly children: (answer: Answer) => ReactNode;
}) {
  if (query.isPending) return <Loading />;
  // What was shown before stays while it is only stale.
  if (query.data === undefined) return <Failed problem={problemOf(query.error)} retry={() => query.refetch()} />;
  return (
    <Stack gap="sm">
      {query.isError && <Failed problem={problemOf(query.error)} retry={() => query.refetch()} />}
      {isEmpty(query.data) ? <Empty>{empty}</Empty> : children(query.data)}
    </Stack>
  );
}

export function Loading() {
  return (
    <Center mih={120} role="status">
      <Loader aria-hidden />
      <Text className="visually-hidden">Loading</Text>
    </Center>
  );
}

/** Where a page is to stand whose own script is on its way. */
export function PageLoading() {
  return (
    <>
      <h1 className="visually-hidden">Lockgate</h1>
      <Loading />
    </>
  );
}

export function Empty({ children }: { readonly children: ReactNode }) {
  return (
    <Center mih={120}>
      <Text c="dimmed">{children}</Text>
    </Center>
  );
}

const TITLES: Readonly<Record<number, string>> = {
  0: "Lockgate does not answer",
  403: "You may not see this",
  404: "There is nothing here",
  409: "It was changed meanwhile",
  412: "It was changed meanwhile",
  429: "That was too much at once",
};

/** What went wrong, in words and with its code; whoever may not is told so plainly and not asked to try again. */
export function Failed({ problem, retry }: { readonly problem: Problem; readonly retry?: () => unknown }) {
  const isForbidden = problem.status === 403;
  return (
    <Alert color={isForbidden ? "blue" : "red"} title={TITLES[problem.status] ?? "That did not work"} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text>{problem.title}</Text>
        <Text size="sm" ff="monospace">
          {problem.code}
        </Text>
        {retry && !isForbidden && (
          <Button variant="default" size="xs" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** The head of a page: one heading, what it is for, and what may be done on it. The title goes into histories: nothing personal. */
export function PageHead({
  title,
  children,
  actions,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} – Lockgate`;
  }, [title]);
  return (
    <Stack gap={4} mb="md">
      <div style={{ display: "flex", justifyContent: "space-between", alignItems: "start", gap: "1rem" }}>
        <Title order={1} size="h2">
          {title}
        </Title>
        {actions}
      </div>
      {children && <Text c="dimmed">{children}</Text>}
    </Stack>
  );
}

/** An address at which there is no page. */
export function Unknown() {
  return (
    <>
      <PageHead title="There is no such page">The address may be incomplete, or the page has another one now.</PageHead>
      <a href="/console/">Go to where you begin</a>
    </>
  );
}
