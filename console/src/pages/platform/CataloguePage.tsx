// The API catalogue: which products there are, who uses them, and how much of them.

import { Anchor, Badge, Card, Group, Stack, Table, Text, Title } from "@mantine/core";
import { type Product, type Topic, useCatalogue } from "../../api/access.ts";
import { Answered, PageHead } from "../../states/States.tsx";
import { Wide } from "../../tables/Wide.tsx";
import { count, many } from "../../words/counts.ts";
import { When } from "../../words/When.tsx";

export function CataloguePage() {
  const catalogue = useCatalogue();
  return (
    <Stack>
      <PageHead title="APIs">What other systems can ask of this platform, who does, and how much.</PageHead>
      <Answered query={catalogue} isEmpty={({ products }) => products.length === 0} empty="There are no products.">
        {({ products, topics }) => (
          <>
            {products.map((product) => (
              <OneProduct key={product.base} product={product} />
            ))}
            <Topics topics={topics} />
          </>
        )}
      </Answered>
    </Stack>
  );
}

const colours: Readonly<Record<Product["state"], string>> = { active: "green", deprecated: "yellow", ended: "red" };

function OneProduct({ product }: { readonly product: Product }) {
  const {
    title,
    summary,
    version,
    base,
    owner,
    criticality,
    state,
    operations,
    deprecated,
    document,
    consumers,
    quota,
  } = product;
  return (
    <Card withBorder component="section" aria-label={title}>
      <Stack gap="xs">
        <Group justify="space-between" align="start">
          <div>
            <Title order={2} size="h4">
              {title} {version} <Badge color={colours[state]}>{state}</Badge>
            </Title>
            {summary && <Text>{summary}</Text>}
          </div>
          <Anchor href={document}>OpenAPI document</Anchor>
        </Group>
        <Text size="sm" c="dimmed">
          {many(operations, "operation")} under <code>{base}</code>, kept by the {owner}, criticality {criticality}
          {quota
            ? `; each client has ${count(quota.perSecond)} requests a second and ${count(quota.perDay)} a day`
            : ""}
          .
        </Text>
        {deprecated.length > 0 && (
          <Table aria-label={`Deprecated operations of ${title}`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Deprecated operation</Table.Th>
                <Table.Th>Since</Table.Th>
                <Table.Th>Ends</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {deprecated.map(({ operation, since, sunset }) => (
                <Table.Tr key={operation}>
                  <Table.Td ff="monospace">{operation}</Table.Td>
                  <Table.Td>
                    <When at={since} />
                  </Table.Td>
                  <Table.Td>{sunset ? <When at={sunset} /> : "not yet"}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {consumers.length === 0 ? (
          <Text size="sm">No machine is registered for it. People use it through this console.</Text>
        ) : (
          <Table aria-label={`Consumers of ${title}`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Client</Table.Th>
                <Table.Th>May</Table.Th>
                <Table.Th ta="right">A second</Table.Th>
                <Table.Th ta="right">A day</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {consumers.map(({ client, scopes, quota: own = quota }) => (
                <Table.Tr key={client}>
                  <Table.Th scope="row">{client}</Table.Th>
                  <Table.Td>{scopes.join(", ")}</Table.Td>
                  <Table.Td ta="right">{own ? count(own.perSecond) : "—"}</Table.Td>
                  <Table.Td ta="right">{own ? count(own.perDay) : "—"}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </Card>
  );
}

function Topics({ topics }: { readonly topics: readonly Topic[] }) {
  return (
    <Card withBorder component="section" aria-label="Topics">
      <Stack gap="xs">
        <Title order={2} size="h4">
          Topics
        </Title>
        <Text>What is told on the backbone as it happens, and who reads it.</Text>
        <Wide minWidth={700}>
          <Table aria-label="Topics">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Topic</Table.Th>
                <Table.Th>Carries</Table.Th>
                <Table.Th>Kept by</Table.Th>
                <Table.Th>Version</Table.Th>
                <Table.Th>Read by</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {topics.map(({ topic, says, carries, owner, version, consumers }) => (
                <Table.Tr key={topic}>
                  <Table.Th scope="row">
                    <code>{topic}</code>
                    <Text size="sm" fw="normal">
                      {says}
                    </Text>
                  </Table.Th>
                  <Table.Td>{carries.map(({ summary }) => summary).join(" ")}</Table.Td>
                  <Table.Td>{owner}</Table.Td>
                  <Table.Td>{version}</Table.Td>
                  <Table.Td>{consumers.length === 0 ? "nobody" : consumers.join(", ")}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      </Stack>
    </Card>
  );
}
