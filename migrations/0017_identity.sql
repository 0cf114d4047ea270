-- Identity: tokens that this platform gave out, and assertions that were used up.

create schema identity;
grant usage on schema identity to lockgate_app, lockgate_auditor;

-- A token by its hash: whoever reads the table can act as nobody.
create table identity.token (
  hash bytea primary key,             -- SHA-256 of the token
  client text not null,
  scopes text[] not null,
  issued_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
-- What has run out?
create index token_expires on identity.token (expires_at);

-- A client's signed assertion counts once (RFC 7523 §3).
create table identity.assertion (
  client text not null,
  jti text not null,
  expires_at timestamptz not null,    -- until then it would be taken, were it not here
  primary key (client, jti)
);
-- What need not be remembered any more?
create index assertion_expires on identity.assertion (expires_at);

grant select, insert, update, delete on identity.token to lockgate_app;
grant select, insert, delete on identity.assertion to lockgate_app;
grant select (client, scopes, issued_at, expires_at, revoked_at) on identity.token to lockgate_auditor;
