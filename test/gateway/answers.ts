// Answers as a caller reads them who asks everything there is.

/** The text of an answer. A stream of events has no end to wait for: it is let go, and its text is empty. */
export async function textOf(answer: Response): Promise<string> {
  if (!answer.headers.get("content-type")?.startsWith("text/event-stream")) return answer.text();
  await answer.body?.cancel();
  return "";
}
