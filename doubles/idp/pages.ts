// The provider's pages: plain HTML without a script, so that anybody can read what they do.

import type { User } from "./users.ts";

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => `&#${one.codePointAt(0)};`);

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body>
<h1>${title}</h1>
<p>This is the identity provider of the demonstration. Everybody here is invented, and nobody has a password.</p>
${body}
</body>
</html>`;

/** Who is signing in? One press of a button is all it takes. */
export const signInPage = (action: string, users: readonly User[]): string =>
  page(
    "Sign in",
    `<form method="post" action="${escaped(action)}">
<ul>
${users
  .map(
    ({ id, name, roles }) =>
      `<li><button name="user" value="${escaped(id)}">${escaped(name)}</button> ${escaped(roles.join(", "))}</li>`,
  )
  .join("\n")}
</ul>
</form>`,
  );

const SCRIPTS = / on[a-z]+="[^"]*"/g;

/** Which code does the device show? `form` is the provider's own, without its scripts. */
export const codePage = (form: string, isWrong: boolean): string =>
  page(
    "Sign in on a device",
    `<p>${isWrong ? "There is no such code. " : ""}Enter the code that the device shows.</p>
${form.replaceAll(SCRIPTS, "")}
<p><button type="submit" form="op.deviceInputForm">Continue</button></p>`,
  );

/** Is that the code which the device shows? */
export const confirmPage = (form: string, userCode: string): string =>
  page(
    "Sign in on a device",
    `<p>The device shows <strong>${escaped(userCode)}</strong>?</p>
${form}
<p><button type="submit" form="op.deviceConfirmForm">Yes</button>
<button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">No</button></p>`,
  );

/** Does whoever left the application leave the provider too? */
export const signOutPage = (form: string): string =>
  page(
    "Sign out",
    `${form}
<p><button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out everywhere</button>
<button type="submit" form="op.logoutForm">Stay signed in here</button></p>`,
  );

/** What there is to say when it is done. */
export const donePage = (title: string): string => page(title, "<p>You can close this page.</p>");

/** What went wrong, in the provider's words. */
export const errorPage = (error: string, description: string): string =>
  page("That did not work", `<p><code>${escaped(error)}</code> ${escaped(description)}</p>`);
