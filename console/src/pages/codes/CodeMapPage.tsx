// One code map: what each code stands for, how to change it, and what was changed by whom.

import { Alert, Anchor, Button, Group, Stack, Tabs, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useCodeMaps, useCodes } from "../../api/codes.ts";
import { problemOf } from "../../api/problem.ts";
import { codeMappers, mayMapCodes } from "../../shell/permits.ts";
import { useSession } from "../../shell/session.tsx";
import { Empty, Failed, Loading, PageHead } from "../../states/States.tsx";
import { kindOf, mapWord } from "../../words/codes.ts";
import { many } from "../../words/counts.ts";
import { whoMay } from "../../words/deeds.ts";
import { Changes } from "./Changes.tsx";
import { Entries } from "./Entries.tsx";
import { WaitingLines } from "./WaitingLines.tsx";

const route = getRouteApi("/codes/$map");
const TYPING_MS = 300;

export function CodeMapPage() {
  const { map } = route.useParams();
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const { roles } = useSession().person;
  return (
    <Stack>
      <div>
        <Anchor component={Link} to="/codes">
          Code maps
        </Anchor>
        <PageHead title={`Codes of ${kindOf(map).several}`}>
          What each code stands for in the ERP.
          {!mayMapCodes(roles) && ` Codes are mapped by ${whoMay(codeMappers)}; you can read them.`}
        </PageHead>
      </div>
      <NotMapped map={map} />
      <Tabs
        value={show ?? "codes"}
        onChange={(tab) =>
          navigate({
            search: (before) => ({
              ...(before.search ? { search: before.search } : {}),
              ...(tab === "changes" ? { show: tab } : {}),
            }),
          })
        }
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="codes">{mapWord(map)}</Tabs.Tab>
          <Tabs.Tab value="changes">Changes</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="codes" pt="md">
          <Codes key={map} map={map} />
        </Tabs.Panel>
        <Tabs.Panel value="changes" pt="md">
          <Changes map={map} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

/** What waits for codes of this map; nothing where none does. */
function NotMapped({ map }: { readonly map: string }) {
  const one = useCodeMaps().data?.find((any) => any.map === map);
  if (!one || one.unmapped === 0) return null;
  return (
    <Alert color="yellow" title={`${many(one.unmapped, "code")} not mapped yet`}>
      <Text span inherit>
        <WaitingLines map={one} /> {one.waiting === 1 ? "waits" : "wait"} for that.
      </Text>
    </Alert>
  );
}

function Codes({ map }: { readonly map: string }) {
  const { search = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState(search);
  const codes = useCodes(map, search);
  const look = useDebouncedCallback(
    (sought: string) => navigate({ search: sought === "" ? {} : { search: sought }, replace: true }),
    TYPING_MS,
  );
  const entries = codes.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Stack>
      <TextInput
        label="Search these codes"
        description="By code, or by what it stands for"
        maw={320}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          look(event.currentTarget.value.trim());
        }}
        autoComplete="off"
        spellCheck={false}
        maxLength={50}
      />
      {codes.isPending && <Loading />}
      {codes.isError && <Failed problem={problemOf(codes.error)} retry={() => codes.refetch()} />}
      {codes.data && entries.length === 0 && (
        <Empty>
          {search === "" ? "Nothing is mapped yet." : `No code holds “${search}”, nor does what it stands for.`}
        </Empty>
      )}
      {entries.length > 0 && <Entries map={map} entries={entries} />}
      {codes.hasNextPage && (
        <Group>
          <Button variant="default" onClick={() => codes.fetchNextPage()} loading={codes.isFetchingNextPage}>
            Show more
          </Button>
          <Text c="dimmed">The first {entries.length} are shown; there are more.</Text>
        </Group>
      )}
    </Stack>
  );
}
