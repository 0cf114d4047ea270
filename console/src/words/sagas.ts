// Long-running processes and their steps, for whoever follows one.

const sagas: Readonly<Record<string, { readonly name: string; readonly steps: Readonly<Record<string, string>> }>> = {
  "supply.requisition": {
    name: "Order line to the ERP",
    steps: {
      resolve: "Look codes up",
      unmapped: "Map a code",
      write: "Write the line",
      written: "The ERP answers",
      look: "What the ERP has",
      refused: "Refused by the ERP",
    },
  },
};

/** A process as people call it. */
export const sagaWord = (saga = ""): string => sagas[saga]?.name ?? saga;

/** A step of it as people call it. */
export const sagaStepWord = (saga = "", step = ""): string => sagas[saga]?.steps[step] ?? step;
