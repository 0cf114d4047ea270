// Whether the log is what it was, proven in this browser.

import { Alert, Button, Code, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { readPinned } from "../../proofs/pinned.ts";
import { type Finding, verifyEntry, verifyLog } from "../../proofs/verify.ts";
import { Failed } from "../../states/States.tsx";

/** What each finding means for whoever asked. */
const meanings: { readonly [Found in Finding["found"]]: { readonly isGood: boolean; readonly said: string } } = {
  extends: {
    isGood: true,
    said: "The log holds everything that it held when this browser last looked, and nothing in it was changed.",
  },
  first: {
    isGood: true,
    said: "The signature holds. This browser remembers the log as it is now; from the next time on it can tell what was changed.",
  },
  "key-unreadable": {
    isGood: false,
    said: "This is not a log's key. It has three parts with a plus sign between them.",
  },
  "signature-wrong": {
    isGood: false,
    said: "The log is not signed by this key. Do not trust it before somebody has explained why.",
  },
  shrunk: { isGood: false, said: "The log is shorter than it was. Entries are missing." },
  rewritten: {
    isGood: false,
    said: "The log is not the one that this browser saw last. Entries were changed or removed.",
  },
};

export function Proofs() {
  const [verifier, setVerifier] = useState(readPinned()?.verifier ?? "");
  return (
    <Stack gap="xl">
      <Text>The proofs are worked out here, in your browser, so nobody's word is needed.</Text>
      <TextInput
        label="The log's key"
        description="From the file audit/verifier.key, handed to you by other means than this page"
        value={verifier}
        onChange={(event) => setVerifier(event.currentTarget.value)}
        maw={720}
        spellCheck={false}
      />
      <WholeLog verifier={verifier} />
      <OneEntry verifier={verifier} />
    </Stack>
  );
}

function WholeLog({ verifier }: { readonly verifier: string }) {
  const check = useMutation({ mutationFn: () => verifyLog(verifier) });
  const meaning = check.data && meanings[check.data.found];
  return (
    <section aria-labelledby="whole">
      <Title order={2} size="h4" id="whole" mb="xs">
        The whole log
      </Title>
      <Stack align="flex-start" maw={720}>
        <Button onClick={() => check.mutate()} loading={check.isPending} disabled={verifier === ""}>
          Verify
        </Button>
        {meaning && (
          <Alert
            color={meaning.isGood ? "green" : "red"}
            title={meaning.isGood ? "It holds" : "It does not hold"}
            role="status"
          >
            {meaning.said}
            {check.data && "size" in check.data && ` It has ${check.data.size} entries.`}
          </Alert>
        )}
        {check.isError && <Failed problem={problemOf(check.error)} />}
      </Stack>
    </section>
  );
}

function OneEntry({ verifier }: { readonly verifier: string }) {
  const [position, setPosition] = useState("");
  const check = useMutation({ mutationFn: () => verifyEntry(verifier, position) });
  return (
    <section aria-labelledby="entry">
      <Title order={2} size="h4" id="entry" mb="xs">
        One entry
      </Title>
      <Stack align="flex-start" maw={720}>
        <Group align="end">
          <TextInput
            label="Position"
            value={position}
            onChange={(event) => setPosition(event.currentTarget.value.replace(/\D/g, ""))}
            inputMode="numeric"
          />
          <Button
            onClick={() => check.mutate()}
            loading={check.isPending}
            disabled={verifier === "" || position === ""}
          >
            Prove
          </Button>
        </Group>
        {check.data && (
          <Alert
            color={check.data.isIncluded ? "green" : "red"}
            title={check.data.isIncluded ? "This entry is in the signed log" : "This entry is not in the signed log"}
            role="status"
          >
            {check.data.isIncluded
              ? "Nobody has changed it since it was written."
              : "It was changed, or entries beside it were, after the log was signed. Keep what is there and tell whoever answers for the log."}
            {check.data.body && <Code block>{check.data.body}</Code>}
          </Alert>
        )}
        {check.isError && <Failed problem={problemOf(check.error)} />}
      </Stack>
    </section>
  );
}
