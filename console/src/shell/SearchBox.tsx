// One box: an NHS number, a local identifier, an order, a control id or a journey's id leads to what became of it.

import { TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

export function SearchBox() {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  return (
    <search style={{ flex: "0 1 320px" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const sought = text.trim();
          if (sought === "") return;
          setText("");
          // What is looked for may be a patient's number: it is handed on in memory and stands in no address.
          void navigate({ to: "/journeys", state: { sought } as never });
        }}
      >
        <TextInput
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          placeholder="NHS number, local id, order, control id"
          aria-label="Find journeys"
          autoComplete="off"
          spellCheck={false}
        />
      </form>
    </search>
  );
}
