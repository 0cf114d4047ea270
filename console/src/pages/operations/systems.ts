// The systems that the platform depends on, as people call them.

const names: Readonly<Record<string, string>> = {
  nav: "NAV (the ERP)",
  "nav-supplies": "NAV's requisitions",
  pds: "PDS (national demographics)",
};

/** What a system is called; one that has no words here goes by its own name. */
export const systemName = (system: string): string => names[system] ?? system;
