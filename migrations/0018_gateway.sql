-- The gateway: answers that were given to writes under a key, so that a repeated request gets them again and does nothing.

create schema gateway;
grant usage on schema gateway to lockgate_app, lockgate_auditor;

--   begun → answered   a second request with the key waits for neither: it is told to come again, or is given the answer
--     └──→ (gone)      the request failed in a way that may pass: the key is free again
create table gateway.idempotent_request (
  principal text not null,            -- whose key it is: two clients may choose the same one
  key text not null,
  digest bytea not null,              -- SHA-256 of method, path and body: the same key with another request is a mistake
  begun_at timestamptz not null default clock_timestamp(),
  status smallint,
  body text,                          -- as it was sent; may be personal, and is dropped after a day
  primary key (principal, key),
  check ((status is null) = (body is null))
);
-- What need not be remembered any more?
create index idempotent_request_begun on gateway.idempotent_request (begun_at);

grant select, insert, update, delete on gateway.idempotent_request to lockgate_app;
grant select (principal, key, begun_at, status) on gateway.idempotent_request to lockgate_auditor;
