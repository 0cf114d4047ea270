// The codes of a map with what each stands for, who said so and when; and the way to say otherwise.

import { Button, Table } from "@mantine/core";
import { useRef, useState } from "react";
import type { MappedCode } from "../../api/codes.ts";
import { mayMapCodes } from "../../shell/permits.ts";
import { useSession } from "../../shell/session.tsx";
import { Gap } from "../../tables/Gap.tsx";
import { useLongRows } from "../../tables/long-rows.ts";
import { Wide } from "../../tables/Wide.tsx";
import { When } from "../../words/When.tsx";
import { ChangeCode } from "./ChangeCode.tsx";

const ROW_PX = 43;

export function Entries({ map, entries }: { readonly map: string; readonly entries: readonly MappedCode[] }) {
  const mayMap = mayMapCodes(useSession().person.roles);
  const { body, places, beforePx, afterPx } = useLongRows(entries.length, ROW_PX);
  const [chosen, setChosen] = useState<MappedCode>();
  const opener = useRef<HTMLButtonElement>(null);
  // The dialog goes at once: whoever works by the keys goes on at what opened it.
  const close = () => {
    setChosen(undefined);
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <>
      <Wide minWidth={680}>
        <Table aria-label="Codes" aria-rowcount={entries.length + 1}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Source</Table.Th>
              <Table.Th>Code</Table.Th>
              <Table.Th>In the ERP</Table.Th>
              <Table.Th>Mapped by</Table.Th>
              <Table.Th>When</Table.Th>
              {mayMap && (
                <Table.Th>
                  <span className="visually-hidden">Change</span>
                </Table.Th>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody ref={body}>
            <Gap px={beforePx} />
            {places.map((place) => {
              const entry = entries[place]!;
              const { system, code, target, by, at } = entry;
              return (
                <Table.Tr key={`${system} ${code}`} aria-rowindex={place + 2}>
                  <Table.Td>{system}</Table.Td>
                  <Table.Th scope="row" ff="monospace">
                    {code}
                  </Table.Th>
                  <Table.Td ff="monospace">{target}</Table.Td>
                  <Table.Td>{by}</Table.Td>
                  <Table.Td>
                    <When at={at} />
                  </Table.Td>
                  {mayMap && (
                    <Table.Td ta="right">
                      <Button
                        variant="default"
                        size="compact-sm"
                        aria-label={`Change ${code} of ${system}`}
                        onClick={({ currentTarget }) => {
                          opener.current = currentTarget;
                          setChosen(entry);
                        }}
                      >
                        Change
                      </Button>
                    </Table.Td>
                  )}
                </Table.Tr>
              );
            })}
            <Gap px={afterPx} />
          </Table.Tbody>
        </Table>
      </Wide>
      {chosen && <ChangeCode map={map} entry={chosen} close={close} />}
    </>
  );
}
