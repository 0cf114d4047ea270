// What steers a job of the platform's while it is not over.

import { Button, Group } from "@mantine/core";

/** What a job can be told once it is started. */
type Deed = "pause" | "resume" | "cancel";

export function JobSteering({
  state,
  isPending,
  steer,
}: {
  readonly state: string | undefined;
  readonly isPending: boolean;
  steer(deed: Deed): void;
}) {
  const buttons: readonly (readonly [Deed, string, boolean])[] = [
    ["pause", "Pause", state === "running"],
    ["resume", "Go on", state === "paused"],
    ["cancel", "End it early", state === "running" || state === "paused"],
  ];
  return (
    <Group>
      {buttons.map(
        ([deed, said, isOffered]) =>
          isOffered && (
            <Button key={deed} variant="default" loading={isPending} onClick={() => steer(deed)}>
              {said}
            </Button>
          ),
      )}
    </Group>
  );
}
