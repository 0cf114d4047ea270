// The demo's hospital: a process of its own that never stops talking, so that every page has life.

import type { Config } from "./config.ts";
import type { Doubles } from "./demo.ts";
import { endProcess, spawnReady } from "./demo-process.ts";

/** Starts it, once the platform listens. @returns what ends it */
export async function startStream(
  config: Config,
  { erp, national }: Pick<Doubles, "erp" | "national">,
  root: string,
): Promise<() => Promise<void>> {
  const { messageEveryMs, seed } = config.demo;
  const hospital = await spawnReady(
    root,
    "pas",
    [
      ...["--port", `${config.portBase + 1}`, "--stores-port", `${config.portBase + 6}`],
      ...["--nav", erp, "--pds", national],
      ...["--every-ms", `${messageEveryMs}`, "--seed", `${seed}`],
    ],
    config,
  );
  return () => endProcess(hospital);
}
