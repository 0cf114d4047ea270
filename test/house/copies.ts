// Finds copied code by comparing syntax: names and values count, comments and layout do not.

import { isCode, lineAt, type Node, type Source, treeOf, type Violation, visit } from "./sources.ts";

/** Shortest stretch of syntax that counts as a copy, in nodes: about eight lines. */
export const COPY_NODES = 60;

type Word = { readonly word: string; readonly offset: number };

const isLink = (node: Node): boolean =>
  node.type === "ImportDeclaration" || (node.type.startsWith("Export") && Boolean(node.source));

/** The syntax of one file in source order, as words. Imports are left out, for they repeat by nature. */
function wordsOf(source: Source): Word[] {
  const words: Word[] = [];
  for (const node of treeOf(source).body as Node[]) {
    if (isLink(node)) continue;
    visit(node, ({ type, start, name, value, operator }) => {
      const said = [name, value, operator].find((one) => typeof one === "string" || typeof one === "number");
      words.push({ word: `${type} ${said ?? ""}`, offset: start });
    });
  }
  return words;
}

/** A hash of each stretch of `length` words, by where it begins (Rabin and Karp). */
function hashes(words: readonly Word[], numbers: Map<string, number>, length: number): number[] {
  const base = 1_000_003;
  const modulus = 2 ** 31 - 1;
  const times = (a: number, b: number): number => Number((BigInt(a) * BigInt(b)) % BigInt(modulus));
  const codes = words.map(({ word }) => numbers.get(word) ?? numbers.set(word, numbers.size + 1).size);
  let top = 1;
  for (let power = 1; power < length; power += 1) top = times(top, base);
  const found: number[] = [];
  let hash = 0;
  for (const [index, code] of codes.entries()) {
    const gone = index >= length ? times(codes[index - length]!, top) : 0;
    hash = (times((hash - gone + modulus) % modulus, base) + code) % modulus;
    if (index + 1 >= length) found.push(hash);
  }
  return found;
}

/** No stretch of code stands in two places. Each copy is named once, where it begins. */
export function copies(sources: readonly Source[], length = COPY_NODES): Violation[] {
  const numbers = new Map<string, number>();
  const first = new Map<number, { source: Source; words: readonly Word[]; index: number }>();
  const found: Violation[] = [];
  for (const source of sources.filter(isCode)) {
    const words = wordsOf(source);
    let copiedTill = 0;
    for (const [index, hash] of hashes(words, numbers, length).entries()) {
      const origin = first.get(hash);
      if (!origin) first.set(hash, { source, words, index });
      const overlaps = origin?.source === source && index - origin.index < length;
      if (!origin || overlaps || index < copiedTill || !isSame(origin, words, index, length)) continue;
      copiedTill = index + length;
      const line = lineAt(origin.source, origin.words[origin.index]!.offset);
      found.push({
        path: source.path,
        line: lineAt(source, words[index]!.offset),
        what: `the same as ${origin.source.path}:${line}`,
      });
    }
  }
  return found;
}

const isSame = (
  origin: { words: readonly Word[]; index: number },
  words: readonly Word[],
  index: number,
  length: number,
): boolean =>
  words.slice(index, index + length).every(({ word }, step) => word === origin.words[origin.index + step]?.word);
