// Says for ever that two records are two people: neither matching nor a merge joins them without stewards again.

import { Alert, Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { useKeepApart } from "../../api/people.ts";
import { problemOf } from "../../api/problem.ts";
import { Failed } from "../../states/States.tsx";

export function KeepApart({
  personId,
  otherId: given,
  label,
}: {
  readonly personId: string;
  /** Absent: whoever says so names the other. */
  readonly otherId?: string;
  readonly label: string;
}) {
  const keep = useKeepApart(personId);
  const [isOpen, setIsOpen] = useState(false);
  const [otherId, setOtherId] = useState(given ?? "");
  const [comment, setComment] = useState("");
  const opener = useRef<HTMLButtonElement>(null);
  if (keep.isSuccess)
    return (
      <Alert title="They are kept apart" role="status">
        They are never linked again, unless stewards say otherwise.
      </Alert>
    );
  if (!isOpen)
    return (
      <Button ref={opener} variant="default" size="xs" onClick={() => setIsOpen(true)}>
        {label}
      </Button>
    );
  return (
    <form
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        keep.mutate({ otherId: otherId.trim(), comment: comment.trim() });
      }}
    >
      <Stack gap="xs" maw={560} align="flex-start">
        <Text>They are two people, for ever. This is recorded in your name.</Text>
        {given === undefined && (
          <TextInput
            w="100%"
            label="The other record"
            description="Its id, from the address of its page"
            value={otherId}
            onChange={(event) => setOtherId(event.currentTarget.value)}
            spellCheck={false}
            autoFocus
          />
        )}
        <Textarea
          w="100%"
          label="How you know that they are two people"
          description="Do not repeat personal details."
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={1_000}
          autoFocus={given !== undefined}
        />
        <Group gap="xs">
          <Button type="submit" disabled={comment.trim() === "" || otherId.trim() === ""} loading={keep.isPending}>
            Keep them apart
          </Button>
          <Button
            variant="default"
            onClick={() => {
              setIsOpen(false);
              requestAnimationFrame(() => opener.current?.focus());
            }}
          >
            Leave it
          </Button>
        </Group>
        {keep.isError && <Failed problem={problemOf(keep.error)} />}
      </Stack>
    </form>
  );
}
