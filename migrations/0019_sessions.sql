-- Sessions: people who are signed in with a browser, sign-ins under way, and logout tokens that were used up.

create schema session;
grant usage on schema session to lockgate_app, lockgate_auditor;

-- A session by the hash of its cookie: whoever reads the table can be nobody.
create table session.session (
  hash bytea primary key,             -- SHA-256 of the cookie's value
  issuer text not null,
  subject text not null,              -- as the issuer's identity token says
  sid text,                           -- the issuer's own name of its session
  principal jsonb not null,
  renewal bytea,                      -- the refresh token, encrypted under a key that only the cookie's value gives
  fresh_till timestamptz not null,    -- till then the principal stands as it is
  renewing_till timestamptz,          -- a node asks the issuer; no other does meanwhile
  signed_in_at timestamptz not null,
  last_seen_at timestamptz not null,
  ends_at timestamptz not null
);
-- Which sessions does the issuer end?
create index session_subject on session.session (issuer, subject);
-- Who has not been seen for long?
create index session_last_seen on session.session (last_seen_at);

-- A browser that was sent to the issuer and is expected back, once.
create table session.sign_in (
  state bytea primary key,            -- SHA-256
  browser bytea not null,             -- SHA-256 of the value in its cookie
  issuer text not null,
  nonce text not null,
  verifier text not null,             -- RFC 7636
  return_to text not null,            -- a path of ours
  expires_at timestamptz not null
);
-- Who did not come back?
create index sign_in_expires on session.sign_in (expires_at);

-- A logout token counts once (OpenID Connect Back-Channel Logout 1.0 §2.6).
create table session.logout_token (
  issuer text not null,
  jti text not null,
  expires_at timestamptz not null,
  primary key (issuer, jti)
);
-- What need not be remembered any more?
create index logout_token_expires on session.logout_token (expires_at);

grant select, insert, update, delete on session.session to lockgate_app;
grant select, insert, delete on session.sign_in, session.logout_token to lockgate_app;
grant select (issuer, subject, sid, signed_in_at, last_seen_at, ends_at) on session.session to lockgate_auditor;
