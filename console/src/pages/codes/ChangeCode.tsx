// Saying that a code stands for something else from now on, with what comes of it told first.

import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { type CodeTarget, type MappedCode, useMapCode } from "../../api/codes.ts";
import { problemOf } from "../../api/problem.ts";
import { Failed } from "../../states/States.tsx";
import { kindOf } from "../../words/codes.ts";
import { TargetChoice } from "./TargetChoice.tsx";

export function ChangeCode({
  map,
  entry: { system, code, target },
  close,
}: {
  readonly map: string;
  readonly entry: MappedCode;
  close(): void;
}) {
  const [chosen, setChosen] = useState<CodeTarget>();
  const change = useMapCode(map);
  const isSame = chosen?.code === target;
  return (
    <Modal.Root opened onClose={close} size="lg">
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          <Group justify="space-between" wrap="nowrap" align="start" mb="md">
            <Modal.Title fw={700}>
              Change what {code} of {system} stands for
            </Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </Group>
          <Stack>
            <Text>
              It stands for {kindOf(map).one} {target} now.
            </Text>
            <TargetChoice map={map} chosen={chosen} choose={setChosen} />
            {chosen && !isSame && (
              <Alert title={`From now on: ${chosen.code}, ${chosen.name}`} role="status">
                It holds for every order of {system} from now on. Lines already written stay as they are.
              </Alert>
            )}
            {isSame && <Alert title="It stands for that already" role="status" />}
            {change.isError && <Stopped problem={problemOf(change.error)} />}
            <Group>
              <Button
                disabled={!chosen || isSame}
                loading={change.isPending}
                onClick={() =>
                  chosen && change.mutate({ system, code, target: chosen.code, replaces: target }, { onSuccess: close })
                }
              >
                {chosen && !isSame ? `Change it to ${chosen.code}` : "Change it"}
              </Button>
              <Button variant="default" onClick={close}>
                Keep {target}
              </Button>
            </Group>
          </Stack>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Stopped({ problem }: { readonly problem: ReturnType<typeof problemOf> }) {
  if (problem.status !== 412) return <Failed problem={problem} />;
  return (
    <Alert color="yellow" title="Somebody else was quicker" role="alert">
      You changed nothing. Close this, look at what it stands for now, and decide again.
    </Alert>
  );
}
