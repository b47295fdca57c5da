create schema if not exists store;

-- One row: the position of the last event. Its row lock is the append lock of the database; holding it until commit
-- makes positions dense and their order the commit order.
create table store.feed (
    only_row boolean primary key default true check (only_row),
    head     bigint  not null
);
insert into store.feed (head) values (0);

create table store.events (
    position    bigint      not null,
    version     bigint      not null,
    recorded_at timestamptz not null default now(),
    id          uuid        not null,
    stream      text        collate "C" not null,
    type        text        collate "C" not null,
    tenant      text        collate "C" not null,
    digest      bytea       not null,
    body        bytea       not null,
    constraint events_position primary key (position),
    constraint events_stream_version unique (stream, version),
    constraint events_id unique (id)
);
-- Canonical bytes do not shrink much and are read whole.
alter table store.events alter column body set storage external;

create table store.checkpoints (
    name     text   collate "C" primary key,
    position bigint not null
);

create table store.responses (
    tenant       text        collate "C" not null,
    client       text        collate "C" not null,
    operation    text        collate "C" not null,
    key          text        collate "C" not null,
    request_hash bytea       not null,
    status       int         not null,
    content_type text        not null,
    location     text,
    body         bytea       not null,
    persons      text[]      not null,
    expires_at   timestamptz not null,
    primary key (tenant, client, operation, key)
);
create index responses_expires_at on store.responses (expires_at);
create index responses_persons on store.responses using gin (persons) where persons <> '{}';

-- Survives a restore of older keys: whoever restores them deletes those named here again.
create table store.erased (
    person    text        collate "C" primary key,
    erased_at timestamptz not null
);

-- Keys are backed up apart from the events: pg_dump --exclude-schema=store_keys.
create schema if not exists store_keys;
create table store_keys.keys (
    person text  collate "C" primary key,
    key    bytea not null
);
