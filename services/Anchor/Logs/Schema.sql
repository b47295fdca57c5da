create table if not exists log (
    id smallint generated always as identity primary key,
    name text not null,
    size bigint not null default 0,
    trust bytea
);

-- Each epoch has a log of its own; that of an earlier epoch stays as it was.
alter table log add column if not exists epoch bigint not null default 0;
alter table log drop constraint if exists log_name_key;
create unique index if not exists log_epoch on log (name, epoch);

create table if not exists source (
    id smallint generated always as identity primary key,
    log smallint not null references log,
    service text not null,
    cursor bigint not null default 0,
    unique (log, service)
);

-- One row for each log index; the second key is what "exactly once" means.
create table if not exists entry (
    log smallint not null,
    index bigint not null,
    source smallint not null,
    event_id uuid not null,
    digest bytea not null,
    primary key (log, index)
);
create unique index if not exists entry_event on entry (source, event_id);

-- Final when evidence is there; evidence is written once.
create table if not exists checkpoint (
    log smallint not null references log,
    size bigint not null,
    root bytea not null,
    note text not null,
    block_number bigint,
    block_time bigint,
    epoch bigint,
    evidence bytea,
    primary key (log, size)
);
create index if not exists checkpoint_final on checkpoint (log, size) where evidence is not null;

-- The note with the cosignatures of enough witnesses, written once.
alter table checkpoint add column if not exists witnessed text;
create index if not exists checkpoint_witnessed on checkpoint (log, size) where witnessed is not null;

create table if not exists cosignature (
    log smallint not null,
    size bigint not null,
    witness text not null,
    line text not null,
    primary key (log, size, witness)
);

create table if not exists sent_transaction (
    hash bytea primary key,
    chain_id bigint not null,
    sender bytea not null,
    nonce bigint not null,
    raw bytea not null,
    outcome text
);
create unique index if not exists sent_transaction_open on sent_transaction (chain_id, sender) where outcome is null;
