// Until there are users, everything over HTTP is done by whoever holds the start-up token.

/** The actor that the audit names. */
export const OPERATOR = "operator";
