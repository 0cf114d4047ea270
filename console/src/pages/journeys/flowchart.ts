// The platform tells a saga as Mermaid text: read back into steps and ways, as far as that text goes.

export type Node = {
  readonly id: string;
  readonly name: string;
  readonly kind: "run" | "wait" | "ask" | "parallel" | "end";
  readonly mark?: "done" | "now" | "undone";
};
export type Way = { readonly from: string; readonly to: string; readonly word: string; readonly isSkip: boolean };
export type Chart = { readonly nodes: readonly Node[]; readonly ways: readonly Way[] };

const kinds: Readonly<Record<string, Node["kind"]>> = {
  "[": "run",
  "[[": "parallel",
  "([": "wait",
  "{": "ask",
  "((": "end",
};

/** Steps in order, begin and end among them. Ways between the same two are one, and so are `link:1` and `link:2`. */
export function chartOf(text: string): Chart {
  const marks = new Map<string, Node["mark"]>();
  const nodes = new Map<string, Omit<Node, "mark">>();
  const ways = new Map<string, Way>();
  for (const line of text.split("\n").map((one) => one.trim())) {
    const [, marked = "", mark] = /^class (\w+) (done|now|undone)$/.exec(line) ?? [];
    if (mark) marks.set(marked, mark as Node["mark"]);
    for (const [, id = "", open = "", name = ""] of line.matchAll(/\b(\w+)(\(\(|\[\[|\(\[|\[|\{)"([^"]*)"/g))
      nodes.set(id, { id, name, kind: kinds[open] ?? "run" });
    const [, from = "", arrow, label = "", to] = /^(\w+)\S* (-->|-\.->)(?:\|"([^"]*)"\|)? (\w+)$/.exec(line) ?? [];
    if (!to) continue;
    const word = label.replace(/:\d+$/, "");
    const key = `${from} ${to} ${word === ""} ${arrow}`;
    const words = new Set([...(ways.get(key)?.word.split(", ") ?? []), word]);
    ways.set(key, { from, to, word: [...words].join(", "), isSkip: arrow === "-.->" });
  }
  const told = [...nodes.values()].map((one) => {
    const mark = marks.get(one.id);
    return mark ? { ...one, mark } : one;
  });
  return { nodes: told, ways: [...ways.values()] };
}
