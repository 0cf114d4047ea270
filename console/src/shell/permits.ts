// Who may do what stands on pages that others read as well, so that a page can say why not. The platform decides, whatever is offered.

/** Who says what codes of sources stand for. */
export const codeMappers: readonly string[] = ["supply"];

/** Whether these roles map codes. */
export const mayMapCodes = (own: readonly string[]): boolean => own.some((role) => codeMappers.includes(role));
