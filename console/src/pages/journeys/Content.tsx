// What a message says: hidden until somebody says why they have to look, which is recorded.

import { Title } from "@mantine/core";
import { type Lying, useReveal } from "../../api/journeys.ts";
import { Revealed } from "./Revealed.tsx";
import { SayWhy } from "./SayWhy.tsx";

export function Content({ id, letter }: { readonly id: string; readonly letter?: Lying | undefined }) {
  const reveal = useReveal(id, letter);
  const reason = reveal.variables?.reason ?? "";
  return (
    <section aria-labelledby="message">
      <Title order={2} size="h4" id="message" mb="xs">
        What the message says
      </Title>
      {reveal.data ? (
        <Revealed
          message={reveal.data}
          hide={() => reveal.reset()}
          insist={() => reveal.mutate({ reason, isEmergency: true })}
        />
      ) : (
        <SayWhy look={(said) => reveal.mutate({ reason: said })} what="Show the message" looking={reveal} />
      )}
    </section>
  );
}
