// An instant on a page: London's time, with UTC and the distance from now on hover.

import { Text, Tooltip } from "@mantine/core";
import { fromNow, inLondon, inUtc } from "./time.ts";

export function When({ at, isRelative = false }: { readonly at: string | undefined; readonly isRelative?: boolean }) {
  if (!at) return null;
  const [shown, other] = isRelative ? [fromNow(at), inLondon(at)] : [inLondon(at), fromNow(at)];
  return (
    <Tooltip label={`${other} · ${inUtc(at)}`}>
      <Text component="time" dateTime={at} inherit>
        {shown}
      </Text>
    </Tooltip>
  );
}
