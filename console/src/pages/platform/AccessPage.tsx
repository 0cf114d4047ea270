// Who works here, and why somebody may or may not do something: the question in words, and the policies that answer it.

import { Stack } from "@mantine/core";
import { useRef } from "react";
import { useQuestions } from "../../api/access.ts";
import { mayAskOfOthers } from "../../shell/permits.ts";
import { useSession } from "../../shell/session.tsx";
import { Answered, PageHead } from "../../states/States.tsx";
import { Asking } from "./Asking.tsx";
import { Colleagues } from "./Colleagues.tsx";

export function AccessPage() {
  const questions = useQuestions();
  const isOfOthers = mayAskOfOthers(useSession().person.roles);
  const who = useRef<HTMLInputElement>(null);
  return (
    <Stack gap="xl">
      <PageHead title="Access">
        Ask why somebody may or may not do something. Everybody may ask about themselves; auditors, administrators and
        clinical safety officers ask about anybody.
      </PageHead>
      <Answered query={questions}>{(known) => <Asking {...known} who={who} />}</Answered>
      {isOfOthers && <Colleagues onAsk={() => who.current?.focus()} />}
    </Stack>
  );
}
