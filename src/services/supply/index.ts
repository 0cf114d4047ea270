// Supply: brings requisition lines to the ERP in the ERP's own codes, and asks the supply team what a code stands for.

export { type CodeDesk, type CodeMap, openCodeDesk } from "./code-desk.ts";
export { REQUISITION_SETTLED, requisitionSaga } from "./requisition.saga.ts";
export type { CodeDeskOptions, SupplyOptions } from "./types.ts";
