// A code of a source that stands for nothing yet: which line waits for it, and the way to map it once for all lines that do.

import { Alert, Anchor, Button, Grid, Group, Stack, Text } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type CodeTarget, type MappedCode, useCode } from "../../api/codes.ts";
import { problemOf } from "../../api/problem.ts";
import { type Cause, StoppedAt, useTryAgain, useWaiting } from "../../api/waiting-lines.ts";
import { type Item, waits } from "../../api/work.ts";
import { codeMappers, mayMapCodes } from "../../shell/permits.ts";
import { isOffered } from "../../shell/places.ts";
import { useSession } from "../../shell/session.tsx";
import { Section } from "../../states/Section.tsx";
import { Answered } from "../../states/States.tsx";
import { codeWord, kindOf, linesWord } from "../../words/codes.ts";
import { whoMay } from "../../words/deeds.ts";
import { stoppedWord } from "../../words/stopped.ts";
import { When } from "../../words/When.tsx";
import { TargetChoice } from "../codes/TargetChoice.tsx";
import { type Line, OrderLine } from "./OrderLine.tsx";

/** The content of such an item. */
export type UnmappedContent = {
  readonly kind: "unmapped-code";
  /** Name of the code map. */
  readonly map: string;
  /** Whose code it is. */
  readonly system: string;
  readonly code: string;
  /** What the source calls it. */
  readonly text?: string | null;
  readonly line: Line;
};

/** Whether an item's content is about such a code. */
export const isUnmapped = (content: object): content is UnmappedContent =>
  "kind" in content && content.kind === "unmapped-code" && "line" in content;

export function UnmappedCode({ item, content }: { readonly item: Item; readonly content: UnmappedContent }) {
  const { map, system, code, text, line } = content;
  const { domain = "", queue = "", reason = "", title = "" } = item;
  const cause: Cause = { domain, queue, reason, title };
  const { roles } = useSession().person;
  const mapped = useCode(map, content, isOffered(roles, "/codes"));
  const tryAgain = useTryAgain();
  const mayMap = mayMapCodes(roles);
  const { one, a, several } = kindOf(map);
  return (
    <Stack gap="lg">
      <Text size="lg">
        {system} calls {a} <strong>{codeWord(code, text)}</strong>.{" "}
        {mapped.data ? <Standing entry={mapped.data} /> : `Nobody has said yet which of the ERP’s ${several} that is.`}
      </Text>
      {/* Stays where the item itself is decided meanwhile. */}
      <Outcome deed={tryAgain} cause={cause} code={code} isMapped={Boolean(mapped.data)} />
      <Grid gap="xl">
        {waits(item) && (
          <Grid.Col span={{ base: 12, lg: 7 }}>
            <Section title={mayMap && !mapped.data ? `Say which ${one} it is` : `Which ${one} it is`}>
              {mayMap ? (
                <Answered query={mapped}>
                  {(entry) => <Mapping content={content} entry={entry} cause={cause} tryAgain={tryAgain} />}
                </Answered>
              ) : (
                <Alert title="You cannot map this code">
                  Codes are mapped by {whoMay(codeMappers)}.{" "}
                  <Anchor component={Link} inherit underline="always" to="/access?action=codes.put">
                    Why can’t I map it?
                  </Anchor>
                </Alert>
              )}
            </Section>
          </Grid.Col>
        )}
        <Grid.Col span={{ base: 12, lg: waits(item) ? 5 : 12 }}>
          <Section title="The order line">
            <OrderLine
              line={line}
              marked={{ fields: [map], said: mapped.data ? `now ${mapped.data.target}` : "not mapped" }}
            />
          </Section>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

/** Who says what a code stands for, and since when. */
function Standing({ entry: { code, target, by, at } }: { readonly entry: MappedCode }) {
  const { id } = useSession().person;
  return (
    <>
      {by === id ? "You" : by} mapped {code} to <strong>{target}</strong> <When at={at} isRelative />.
    </>
  );
}

/** Maps the code, where nobody has, and tries again whatever waits for it. */
function Mapping({
  content: { map, system, code, text },
  entry,
  cause,
  tryAgain,
}: {
  readonly content: UnmappedContent;
  readonly entry: MappedCode | null;
  readonly cause: Cause;
  readonly tryAgain: ReturnType<typeof useTryAgain>;
}) {
  const { data: waiting } = useWaiting(cause);
  const [chosen, setChosen] = useState<CodeTarget>();
  const navigate = useNavigate();
  const lines = waiting && waiting.count > 0 ? linesWord(waiting.count, waiting.isMore) : "its lines";
  const target = entry?.target ?? chosen?.code ?? "";
  const start = () =>
    tryAgain.mutate(
      {
        cause,
        comment: `${code} of ${system} stands for ${target}.`,
        ...(entry ? {} : { mapping: { map, of: { system, code, target, replaces: null } } }),
      },
      { onSuccess: (id) => id && navigate({ to: "/work/groups/$id", params: { id } }) },
    );
  return (
    <Stack gap="md" align="stretch">
      {entry ? (
        <Text>
          It was mapped while lines waited.{" "}
          <Anchor component={Link} inherit underline="always" to={`/codes/${map}`} search={{ search: code } as never}>
            See or change it
          </Anchor>
        </Text>
      ) : (
        <TargetChoice map={map} text={text} chosen={chosen} choose={setChosen} />
      )}
      <Group>
        <Button onClick={start} disabled={target === ""} loading={tryAgain.isPending}>
          {entry ? `Try ${lines} again` : `Map ${code}${target && ` to ${target}`} and try ${lines} again`}
        </Button>
      </Group>
      {!entry && (
        <Text size="sm" c="dimmed">
          {chosen
            ? `From now on ${code} of ${system} is ${chosen.name}.`
            : `What you say holds for every order of ${system} from now on.`}
        </Text>
      )}
    </Stack>
  );
}

/** Where it did not come to its end: what was done, and what was not. */
function Outcome({
  deed: { error, isSuccess, data, variables },
  cause: { domain, queue, reason },
  code,
  isMapped,
}: {
  readonly deed: ReturnType<typeof useTryAgain>;
  readonly cause: Cause;
  readonly code: string;
  readonly isMapped: boolean;
}) {
  const work = (
    <Anchor component={Link} inherit underline="always" to="/work" search={{ domain, queue, reason } as never}>
      Work
    </Anchor>
  );
  if (isSuccess && data === undefined)
    return (
      <Alert title="The code is mapped" role="status">
        No line waits for it any more. See what waits in {work}.
      </Alert>
    );
  if (!(error instanceof StoppedAt)) return null;
  const problem = problemOf(error.cause);
  const target = variables?.mapping?.of.target ?? "";
  const { title, says } = stoppedWord(error.step, problem, code, target, isMapped || error.step !== "map");
  return (
    <Alert color={problem.status === 412 ? "yellow" : "red"} title={title} role="alert">
      <Text inherit>
        {says} {error.step !== "map" && <>Try the lines again here, or from {work}.</>}
      </Text>
      {problem.status !== 412 && (
        <Text size="sm" ff="monospace">
          {problem.code}
        </Text>
      )}
    </Alert>
  );
}
