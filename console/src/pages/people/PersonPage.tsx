// Whom a person was joined with and parted from, and how to have a link taken back.

import { Alert, Anchor, Badge, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type PersonHistory, type PersonLink, usePerson, useUnlink } from "../../api/people.ts";
import { problemOf } from "../../api/problem.ts";
import { useSession } from "../../shell/session.tsx";
import { Answered, Empty, Failed, PageHead } from "../../states/States.tsx";
import { When } from "../../words/When.tsx";
import { Code } from "../work/Code.tsx";
import { KeepApart } from "./KeepApart.tsx";

const words: Readonly<Record<PersonLink["kind"], string>> = {
  merged: "Merged with another record",
  matched: "Linked by matching",
  superseded: "Got another NHS number",
  apart: "Said to be somebody else",
  unlinked: "A link was taken back",
};

export function PersonPage() {
  const { id } = useParams({ from: "/people/$id" });
  const query = usePerson(id);
  return (
    <Stack gap="lg">
      <PageHead title="Links of a person" actions={query.data?.restricted && <Badge color="red">restricted</Badge>}>
        <Text component="span" ff="monospace">
          {id}
        </Text>
      </PageHead>
      <Answered query={query}>{(person) => <Whole person={person} />}</Answered>
    </Stack>
  );
}

function Whole({ person: { id, mergedInto, waitsIn, links } }: { readonly person: PersonHistory }) {
  const { roles } = useSession().person;
  return (
    <Stack gap="lg">
      {mergedInto && (
        <Alert title="This record was merged">
          It lives on as{" "}
          <Anchor component={Link} underline="always" to={`/people/${mergedInto}`}>
            another record
          </Anchor>
          .
        </Alert>
      )}
      {waitsIn && (
        <Alert color="yellow" title="A change of this person waits for a decision">
          No link is taken back before that is decided: it may be about either of the two.{" "}
          <Anchor component={Link} underline="always" to={`/journeys/${waitsIn}`}>
            What it waits for
          </Anchor>
        </Alert>
      )}
      {roles.includes("steward") && (
        <div>
          <KeepApart personId={id} label="Keep this person and another apart" />
        </div>
      )}
      {links.length === 0 ? (
        <Empty>This person was never joined with anybody.</Empty>
      ) : (
        links.map((link) => <OneLink key={link.id} personId={id} link={link} />)
      )}
    </Stack>
  );
}

function OneLink({ personId, link }: { readonly personId: string; readonly link: PersonLink }) {
  const { id, kind, otherId, by = [], journeyId, code, undoneBy, at } = link;
  const { roles } = useSession().person;
  const canUndo =
    roles.includes("steward") && !undoneBy && (kind === "merged" || kind === "matched" || kind === "superseded");
  return (
    <section aria-label={words[kind]}>
      <Group gap="xs">
        <Text fw={700}>{words[kind]}</Text>
        {undoneBy && <Badge color="gray">taken back since</Badge>}
      </Group>
      <Text>
        <When at={at} /> {by.length > 0 ? `by ${by.join(" and ")}` : "by Lockgate"}. <Code of={code} />
      </Text>
      <Group gap="md">
        {otherId && (
          <Anchor component={Link} to={`/people/${otherId}`}>
            The other record
          </Anchor>
        )}
        {journeyId && (
          <Anchor component={Link} to={`/journeys/${journeyId}`}>
            The journey
          </Anchor>
        )}
      </Group>
      {canUndo && <TakeBack personId={personId} linkId={id} />}
    </section>
  );
}

/** Two stewards decide; whoever asks may be one of them. */
function TakeBack({ personId, linkId }: { readonly personId: string; readonly linkId: string }) {
  const unlink = useUnlink(personId);
  const [isOpen, setIsOpen] = useState(false);
  const [comment, setComment] = useState("");
  if (unlink.data)
    return (
      <Alert title="Two stewards are asked" role="status">
        <Anchor component={Link} to={`/journeys/${unlink.data.journeyId}`}>
          Follow it
        </Anchor>
      </Alert>
    );
  if (!isOpen)
    return (
      <Button variant="default" size="xs" mt="xs" onClick={() => setIsOpen(true)}>
        Have it taken back
      </Button>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        unlink.mutate({ linkId, comment: comment.trim() });
      }}
    >
      <Stack gap="xs" maw={560} align="flex-start" mt="xs">
        <Textarea
          w="100%"
          label="Why it was wrong"
          description="The two stewards who decide read this. Do not repeat personal details."
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={1_000}
          autoFocus
        />
        <Button type="submit" disabled={comment.trim() === ""} loading={unlink.isPending}>
          Ask two stewards
        </Button>
        {unlink.isError && <Failed problem={problemOf(unlink.error)} />}
      </Stack>
    </form>
  );
}
