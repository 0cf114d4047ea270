// A channel as it is written, read only; and what changed from one deployed version to the next.

import { Alert, Group, Select, Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { type ChannelDefinition, useDefinition } from "../../api/channels.ts";
import { CodeText } from "../../states/CodeText.tsx";
import { Answered } from "../../states/States.tsx";
import { inLondon } from "../../words/time.ts";
import { When } from "../../words/When.tsx";
import { linesOf } from "./lines.ts";

const route = getRouteApi("/channels/$name");

export function Definition({ name }: { readonly name: string }) {
  const definition = useDefinition(name);
  return (
    <Answered
      query={definition}
      isEmpty={({ versions }) => versions.length === 0}
      empty="The text of this channel is not known."
    >
      {({ versions }) => <Versions versions={versions} />}
    </Answered>
  );
}

function Versions({ versions }: { readonly versions: ChannelDefinition["versions"] }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const version = versions.find(({ digest }) => digest === search.version) ?? versions[0]!;
  const before = versions.find(({ digest }) => digest === search.with && digest !== version.digest);
  const choose = (chosen: { readonly version: string; readonly other: string | undefined }) =>
    navigate({
      search: { tab: "definition", version: chosen.version, ...(chosen.other ? { with: chosen.other } : {}) },
      replace: true,
    });
  const choices = versions.map(({ digest, firstAt }, index) => ({
    value: digest,
    label: `${digest.slice(0, 8)}, from ${inLondon(firstAt)}${index === 0 ? " (in use)" : ""}`,
  }));
  return (
    <Stack>
      <Alert title="Read only">
        A channel is changed in the site's repository and deployed from there. The file is <code>{version.file}</code>.
      </Alert>
      <Group align="end">
        <Select
          label="Version"
          data={choices}
          value={version.digest}
          onChange={(digest) => digest && choose({ version: digest, other: before?.digest })}
          allowDeselect={false}
          w={400}
        />
        {versions.length > 1 && (
          <Select
            label="Compare with"
            data={choices.filter(({ value }) => value !== version.digest)}
            value={before?.digest ?? null}
            onChange={(digest) => choose({ version: version.digest, other: digest ?? undefined })}
            placeholder="No comparison"
            clearable
            clearButtonProps={{ "aria-label": "No comparison" }}
            w={400}
          />
        )}
      </Group>
      <Text size="sm" c="dimmed" component="div">
        First used <When at={version.firstAt} />, last started <When at={version.lastAt} />
      </Text>
      <CodeText
        label={`Text of ${version.file}`}
        lines={before ? linesOf(before.text, version.text) : linesOf(version.text, version.text)}
      />
    </Stack>
  );
}
