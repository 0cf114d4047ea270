// The nouns of code maps: a code of a source, what it stands for, and what was said of it before.

/** A code of a source, of one kind. */
export type CodeKey = {
  /** The map that it is looked up in. */
  readonly map: string;
  /** Whose code it is: the same text of another source is another code. */
  readonly system: string;
  /** Compared as it is, letter case included. */
  readonly code: string;
};

/** A code with what it stands for. */
export type MappedCode = Omit<CodeKey, "map"> & {
  readonly target: string;
  readonly by: string;
  readonly at: Date;
};

/** What somebody mapped; `replaced`: what the code stood for before, null for nothing. */
export type CodeChange = MappedCode & { readonly replaced: string | null };

/** A code to map; `replaces`: what it stood for as whoever maps it saw it, null for nothing. */
export type NewMapping = CodeKey & Pick<MappedCode, "target"> & { readonly replaces: string | null };

/** The code maps of a database; any number of nodes may open them. Who mapped what is audited. */
export type Codes = {
  /** What codes stand for at this moment, in their order; undefined for those that nobody has mapped. */
  look(keys: readonly CodeKey[]): Promise<readonly (string | undefined)[]>;
  /** Codes of a map by system and code, behind a place; `search`: a part of the code or of its target, letter case aside. */
  list(
    map: string,
    page: {
      readonly search?: string | undefined;
      readonly behind?: Omit<CodeKey, "map"> | undefined;
      readonly most: number;
    },
  ): Promise<readonly MappedCode[]>;
  /** What was mapped, the newest first. */
  changes(map: string, most: number): Promise<readonly CodeChange[]>;
  /** How many codes of each map stand for something. */
  counts(): Promise<ReadonlyMap<string, number>>;
  /** From now on the code stands for that. @throws PRECONDITION_FAILED where it stands for something else than `replaces` */
  put(mapping: NewMapping, actor: string): Promise<MappedCode>;
  /** Maps those codes of a source that nobody ever mapped. */
  install(map: string, system: string, targets: Readonly<Record<string, string>>): Promise<void>;
};
