-- The ledger. Package checkpoint's comment tells the story; the constraints
-- here carry its invariants.

-- One location of one target (the API's base URL): what a lane works and locks.
CREATE TABLE lane (
    id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target   text NOT NULL,
    location text NOT NULL,
    UNIQUE (target, location)
);

-- The part of a relation's identity that thousands share, stored once.
CREATE TABLE unit (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane        integer NOT NULL REFERENCES lane,
    association text NOT NULL,
    UNIQUE (lane, association)
);

-- One pair, once, ever. hash is the identity: see hash.go. The fillfactor and
-- the order of the rows let a page take the new versions of its own rows: see
-- spread.go.
CREATE TABLE relation (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    settled_at timestamptz,
    hash       uuid     NOT NULL UNIQUE,
    unit       integer  NOT NULL,
    run        integer,
    attempts   smallint NOT NULL DEFAULT 0,
    status     smallint,
    uncertain  boolean  NOT NULL DEFAULT false,
    state      text     NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'created', 'existing', 'failed', 'undone')),
    first      text     NOT NULL CHECK (first <> ''),
    second     text     NOT NULL CHECK (second <> ''),
    remote_id  text,
    cause      text,
    message    text,
    trace_id   text,
    CONSTRAINT relation_failed_has_cause CHECK ((state = 'failed') = (cause IS NOT NULL)),
    CONSTRAINT relation_settled_by_run CHECK (state = 'pending' OR (run IS NOT NULL AND settled_at IS NOT NULL)),
    CONSTRAINT relation_uncertain_is_ours CHECK (NOT uncertain OR state IN ('created', 'undone'))
) WITH (fillfactor = 76, autovacuum_vacuum_scale_factor = 0.02);

-- The predicate names cause and not state: an update that changes a column of
-- an index cannot be a HOT update, and every settlement changes state.
CREATE INDEX relation_failed ON relation (id) WHERE cause IS NOT NULL;

-- One file content and how it was read.
CREATE TABLE import (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target     text NOT NULL,
    sha256     bytea NOT NULL CHECK (length(sha256) = 32),
    reading    text NOT NULL,
    name       text NOT NULL,
    header     text[] NOT NULL,
    columns    integer[] NOT NULL DEFAULT '{}', -- of location, association, first, second in header; -1: none
    delimiter  text NOT NULL,
    size       bigint NOT NULL,
    loaded_at  timestamptz NOT NULL DEFAULT now(),
    rows       bigint NOT NULL,
    pairs      bigint NOT NULL CHECK (pairs >= 0),
    repeated   bigint NOT NULL CHECK (repeated >= 0),
    rejected   bigint NOT NULL CHECK (rejected >= 0),
    known      bigint NOT NULL CHECK (known BETWEEN 0 AND pairs),
    CONSTRAINT import_balances CHECK (rows = pairs + repeated + rejected),
    UNIQUE (target, sha256, reading)
);

-- One data line of an import: the relation it names, or why it was rejected.
-- relation and import are not declared as foreign keys: the check costs more
-- than the load itself, and only the load's transaction writes here.
-- Eight columns on purpose: a ninth makes every tuple eight bytes longer.
CREATE TABLE row (
    relation bigint,
    import   integer NOT NULL,
    lane     integer NOT NULL,
    line     integer NOT NULL,
    repeated boolean NOT NULL,
    cause    text,
    reason   text,
    raw      bytea,
    CONSTRAINT row_names_or_is_rejected CHECK ((relation IS NULL) = (cause IS NOT NULL)),
    CONSTRAINT row_rejected_has_no_lane CHECK ((relation IS NULL) = (lane = 0)),
    CONSTRAINT row_repeats_a_relation CHECK (NOT repeated OR relation IS NOT NULL)
);

-- By 256 lines, which Postgres keeps as one entry: 6 bytes a row in place of
-- the 31 of a key of each line. A claim sorts the few hundred that it meets.
CREATE INDEX row_place ON row (import, lane, (line / 256));

-- One execution of relink.
CREATE TABLE run (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target     text NOT NULL,
    command    text NOT NULL,
    settings   jsonb NOT NULL DEFAULT '{}',
    imports    integer[] NOT NULL DEFAULT '{}',
    host       text NOT NULL,
    pid        integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    stopped    text,
    exit       smallint,
    sent       bigint NOT NULL DEFAULT 0,
    throttled  bigint NOT NULL DEFAULT 0,
    retried    bigint NOT NULL DEFAULT 0,
    created    bigint NOT NULL DEFAULT 0,
    existing   bigint NOT NULL DEFAULT 0,
    failed     bigint NOT NULL DEFAULT 0,
    undone     bigint NOT NULL DEFAULT 0,
    CONSTRAINT run_ends_whole CHECK ((ended_at IS NULL) = (exit IS NULL) AND (ended_at IS NULL) = (stopped IS NULL)),
    CONSTRAINT run_counts CHECK (LEAST(sent, throttled, retried, created, existing, failed, undone) >= 0)
);

-- What a lane is about to send, written before it is sent. A pending relation
-- that stands in a claim is "sending": in doubt if the claim's run is dead.
CREATE TABLE claim (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane      integer NOT NULL REFERENCES lane,
    run       integer NOT NULL REFERENCES run,
    operation text NOT NULL CHECK (operation IN ('create', 'delete')),
    relations bigint[] NOT NULL CHECK (cardinality(relations) > 0)
);

-- What a run did in a lane, minute by minute: the day's own count where the
-- service tells none, and the time line of the reports.
CREATE TABLE pulse (
    run       integer NOT NULL REFERENCES run,
    lane      integer NOT NULL REFERENCES lane,
    minute    timestamptz NOT NULL,
    sent      integer NOT NULL DEFAULT 0,
    throttled integer NOT NULL DEFAULT 0,
    unclear   integer NOT NULL DEFAULT 0,
    created   integer NOT NULL DEFAULT 0,
    existing  integer NOT NULL DEFAULT 0,
    failed    integer NOT NULL DEFAULT 0,
    undone    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (lane, minute, run)
);

-- What a lane last knew of its location's limits and had spent of them, for the
-- run after it: see allowance.go.
CREATE TABLE allowance (
    lane            integer PRIMARY KEY REFERENCES lane ON DELETE CASCADE,
    recorded_at     timestamptz NOT NULL,
    open            boolean   NOT NULL,  -- calls may have been made since
    told_max        integer   NOT NULL CHECK (told_max >= 0),
    told_interval   interval  NOT NULL,
    span            interval  NOT NULL,  -- the interval kept to
    in_flight       integer   NOT NULL CHECK (in_flight >= 0),
    ended           integer[] NOT NULL,  -- calls, in each step of span before, the latest first
    daily_limit     bigint CHECK (daily_limit > 0),
    daily_remaining bigint CHECK (daily_remaining >= 0),
    daily_reset     timestamptz
) WITH (fillfactor = 50);

-- What an undo or a verify goes through, picked once before its first call:
-- typed again with the same purpose, it carries on until it has ended.
CREATE TABLE errand (
    id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target   text NOT NULL,
    purpose  text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE UNIQUE INDEX errand_open ON errand (target, purpose) WHERE ended_at IS NULL;

-- One relation of an errand. key is a hash of its first record, so that the
-- pairs of one record, of which one list tells, lie together.
CREATE TABLE pick (
    key      bigint   NOT NULL CHECK (key >= 0),
    relation bigint   NOT NULL,
    errand   integer  NOT NULL,
    lane     integer  NOT NULL,
    tries    smallint NOT NULL DEFAULT 0,
    answer   text CHECK (answer IN ('present', 'missing', 'unknown')),
    PRIMARY KEY (errand, lane, key, relation)
) WITH (fillfactor = 90);
