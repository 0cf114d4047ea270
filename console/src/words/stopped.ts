// What was done and what was not when mapping a code and trying its lines again stopped on the way.

import type { Problem } from "../api/problem.ts";
import type { Step } from "../api/waiting-lines.ts";

/** What somebody is told. */
type Said = { readonly title: string; readonly says: string };

/** Nothing tells whether it was done. */
const isUnknown = ({ status }: Problem): boolean => status === 0 || status >= 500;

const ofMapping = (problem: Problem, code: string, target: string): Said => {
  if (problem.status === 412)
    return {
      title: "Somebody else was quicker",
      says: `${code} was mapped while you looked. You changed nothing, and no line was tried again.`,
    };
  if (problem.code === "CODE_TARGET_UNFIT")
    return {
      title: `${target} cannot be chosen`,
      says: `It is blocked in the ERP, or the ERP does not hold it any more. ${code} is not mapped, and no line was tried again. Choose another.`,
    };
  if (isUnknown(problem))
    return {
      title: `It is not known whether ${code} was mapped`,
      says: `${problem.title} No line was tried again. This page has looked again and shows how it is now.`,
    };
  return { title: `${code} was not mapped`, says: `${problem.title} No line was tried again.` };
};

/** @param isMapped whether the code stands for something by now */
export function stoppedWord(step: Step, problem: Problem, code: string, target: string, isMapped: boolean): Said {
  if (step === "map") return ofMapping(problem, code, target);
  const before = isMapped ? "The code is mapped. " : "";
  if (step === "start" && isUnknown(problem))
    return {
      title: "It is not known whether the lines are tried again",
      says: `${before}${problem.title} Lines that wait no more are being tried.`,
    };
  return { title: "The lines were not tried again", says: `${before}${problem.title}` };
}
