// The masks of one type for one access, as a tree of what may be shown.

import type { AudienceLine, MaskedAs, MaskRule, Masks, ShownType } from "./masks.ts";
import type { Access } from "./types.ts";

/** How one value is shown. */
export type Shown = "whole" | MaskedAs;

/** What may be shown of a value: a plain value, the members of an object, the elements of a list. Nothing else is. */
export type View = {
  readonly shown?: Shown;
  readonly whereabouts?: MaskRule["whereabouts"];
  readonly members?: ReadonlyMap<string, View>;
  /** Of an object with names of its own choosing. */
  readonly any?: View;
  readonly elements?: View;
};

type Growing = {
  shown?: Shown;
  whereabouts?: MaskRule["whereabouts"];
  members?: Map<string, Growing>;
  any?: Growing;
  elements?: Growing;
};

/** The view of a type; without members, where nothing is for this access. */
export function compileMasks({ audiences, types }: Masks, type: ShownType, access: Access): View {
  const isFor = (names: readonly string[]): boolean =>
    names.some((name) => audiences[name]!.some((line) => belongs(line, access)));
  const root: Growing = {};
  for (const rule of types[type]) {
    const shown: Shown | undefined = isFor(rule.visible) ? "whole" : isFor(rule.masked) ? rule.as : undefined;
    if (shown === undefined) continue;
    for (const path of rule.fields) {
      const leaf = grown(root, path);
      leaf.shown = shown;
      leaf.whereabouts = rule.whereabouts;
    }
  }
  return root;
}

function belongs(line: AudienceLine, { roles, scopes, purpose, action }: Access): boolean {
  const shares = (wanted: readonly string[] | undefined, had: readonly string[]): boolean =>
    wanted === undefined || wanted.some((one) => had.includes(one));
  return (
    shares(line.roles, roles) &&
    shares(line.scopes, scopes) &&
    shares(line.purposes, purpose === undefined ? [] : [purpose]) &&
    shares(line.actions, [action])
  );
}

/** The view at a path, made where it is not there yet. */
function grown(root: Growing, path: string): Growing {
  let view = root;
  for (const step of path.split(".")) {
    const name = step.replace("[]", "");
    if (name === "*") {
      view.any ??= {};
      view = view.any;
      continue;
    }
    view.members ??= new Map();
    const next = view.members.get(name) ?? {};
    view.members.set(name, next);
    if (step.endsWith("[]")) {
      next.elements ??= {};
      view = next.elements;
    } else view = next;
  }
  return view;
}
