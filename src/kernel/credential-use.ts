// A credential that changes on two sides, never at one moment: what the other side took last is used till it is refused.

/**
 * Asks with a credential. The one that was taken last goes on until it is refused; then the one that holds now is tried, if it is
 * another. So a new version is put into the secret store first and given to the other side afterwards, and nothing fails between.
 * A refusal MUST mean that nothing was done.
 * @param current the newest version
 */
export function whileTaken(current: () => string) {
  let taken: string | undefined;
  return async <Answer>(
    ask: (credential: string) => Promise<Answer>,
    isRefused: (answer: Answer) => boolean,
  ): Promise<Answer> => {
    const first = taken ?? current();
    const answer = await ask(first);
    if (!isRefused(answer)) {
      taken = first;
      return answer;
    }
    const next = current();
    if (next === first) return answer;
    const second = await ask(next);
    if (!isRefused(second)) taken = next;
    return second;
  };
}
