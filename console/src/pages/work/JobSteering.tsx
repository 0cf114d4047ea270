// What steers a job of the platform's while it is not over.

import { Alert, Button, Group, Stack } from "@mantine/core";

/** What a job can be told once it is started. */
type Deed = "pause" | "resume" | "cancel";

/** A job as far as it is steered. */
type Job = {
  readonly state?: unknown;
  readonly actingBy?: string | null;
  readonly lapsed?: "time" | "roles" | null;
};

export function JobSteering({
  job: { state, actingBy, lapsed },
  isPending,
  steer,
}: {
  readonly job: Job;
  readonly isPending: boolean;
  steer(deed: Deed): void;
}) {
  const buttons: readonly (readonly [Deed, string, boolean])[] = [
    ["pause", "Pause", state === "running"],
    ["resume", "Go on", state === "paused"],
    ["cancel", "End it early", state === "running" || state === "paused"],
  ];
  return (
    <Stack gap="sm">
      {lapsed && state === "paused" && (
        <Alert color="yellow" title="It stopped by itself" role="status">
          {lapsed === "time"
            ? `It acted for ${actingBy} for eight hours, and no longer without somebody asking for it again. `
            : `It acted for ${actingBy}, who has lost a role since. `}
          If you let it go on, it goes on in your name.
        </Alert>
      )}
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
    </Stack>
  );
}
