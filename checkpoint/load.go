package checkpoint

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"relink/importer"
)

// A File is a file as it was read: what makes an import.
type File struct {
	Name      string
	Reading   string // how it was read; the same text for the same way
	Header    []string
	Columns   []int // of location, association, first and second id in Header; -1: none
	Delimiter rune
	SHA256    string // of the content, 64 hex digits
	Size      int64  // bytes

	// The maps by which its ids are translated; nil: they are the records'
	// ids. A line of such a file needs its Raw, to be handed back as it came.
	FirstMap, SecondMap Map
}

// A Content is what reading a file to its end found out about it. An error
// undoes the load: the file is not what it was when the reading began.
type Content func() (sha256 string, size int64, err error)

// ErrLoaded says that the same content, read the same way, is in the ledger
// already; nothing was loaded.
var ErrLoaded = errors.New("this file is loaded already")

// Find returns the import of a file with this content, read this way, or nil.
func (s *Store) Find(ctx context.Context, sha256, reading string) (*Import, error) {
	sum, err := hex.DecodeString(sha256)
	if err != nil {
		return nil, fmt.Errorf("reading a SHA-256: %w", err)
	}
	imports, err := s.imports(ctx, `i.sha256 = $2 AND i.reading = $3`, sum, reading)
	if err != nil || len(imports) == 0 {
		return nil, err
	}
	return &imports[0], nil
}

// Load streams a file's lines into the ledger and merges them, in one
// transaction: when it returns nil all of the file is there, durably, and
// otherwise nothing. next fills in one line a call and ends with io.EOF; then
// content is called, since only a file that was read whole has a hash.
//
// New pairs become pending. Pairs that were failed or undone become pending
// again: handing them back in a new file is asking for that. Loading may run
// while lanes are at work. It ends with ErrLoaded, and loads nothing, if the
// same content read the same way is there already.
func (s *Store) Load(ctx context.Context, f File, next func(*importer.Line) error, content Content) (*Import, error) {
	var id int64
	err := s.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) (err error) {
		id, err = s.load(ctx, conn.Conn(), f, next, content)
		return err
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "import_target_sha256_reading_key" {
		return nil, ErrLoaded
	}
	if err != nil {
		return nil, err
	}
	imports, err := s.imports(ctx, `i.id = $2`, id)
	if err != nil {
		return nil, err
	}
	return &imports[0], nil
}

func (s *Store) load(ctx context.Context, conn *pgx.Conn, f File, next func(*importer.Line) error, content Content) (id int64, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		stage, err := s.stage(ctx, tx, f, next)
		if err != nil {
			return err
		}
		if f.SHA256, f.Size, err = content(); err != nil {
			return err
		}
		if err := stage.lock(ctx); err != nil {
			return err
		}
		id, err = (&merging{tx: tx, target: s.target}).run(ctx, f)
		return err
	})
	return id, err
}

// stage fills the staging table with a file's lines.
func (s *Store) stage(ctx context.Context, tx pgx.Tx, f File, next func(*importer.Line) error) (*stage, error) {
	// The claims of running lanes see these pages; the settings are this
	// transaction's own.
	_, err := tx.Exec(ctx, `
		SET LOCAL work_mem = '64MB';
		SET LOCAL synchronous_commit = on;
		CREATE TEMP TABLE stage (
		    id bigint DEFAULT nextval('relation_id_seq'),
		    line integer, lane integer, unit integer, hash uuid, first text, second text,
		    cause text, reason text, raw bytea
		) ON COMMIT DROP;
		CREATE TEMP TABLE legacy (LIKE stage) ON COMMIT DROP`)
	if err != nil {
		return nil, fmt.Errorf("making room for the file: %w", err)
	}
	lines := &stage{
		tx: tx, table: "stage", target: s.target, next: spread(next),
		units: map[[2]string]unit{}, lanes: map[int32]bool{},
	}
	mapped := f.FirstMap != nil || f.SecondMap != nil
	if mapped {
		lines.table = "legacy"
	}
	if err := lines.fill(ctx); err != nil {
		return nil, err
	}
	if lines.err != nil {
		return nil, lines.err
	}
	if mapped {
		return lines, translate(ctx, tx, s.target, f)
	}
	return lines, nil
}

// maxUnits bounds the units remembered while a file streams through.
const maxUnits = 4096

// A unit is one association of a lane, by their numbers in the ledger.
type unit struct{ id, lane int32 }

// A stage copies lines into the staging table. A COPY ends where a unit comes
// up that the ledger does not know yet, and the next one goes on behind it.
type stage struct {
	tx     pgx.Tx
	table  string
	target string
	next   func(*importer.Line) error
	units  map[[2]string]unit // by location and association
	lanes  map[int32]bool     // of every line so far
	hasher hasher

	line   importer.Line
	held   bool // line is read and not yet copied
	ended  bool
	err    error // of next
	values [9]any
}

var stageColumns = []string{"line", "lane", "unit", "hash", "first", "second", "cause", "reason", "raw"}

func (s *stage) fill(ctx context.Context) error {
	for {
		if _, err := s.tx.CopyFrom(ctx, pgx.Identifier{s.table}, stageColumns, s); err != nil {
			if s.err != nil {
				return s.err
			}
			return fmt.Errorf("loading the file: %w", err)
		}
		if s.ended {
			return nil
		}
		if err := s.learn(ctx); err != nil {
			return err
		}
	}
}

// Next implements pgx.CopyFromSource.
func (s *stage) Next() bool {
	if !s.held {
		s.line = importer.Line{}
		if err := s.next(&s.line); err != nil {
			s.ended = true
			if err != io.EOF {
				s.err = err
			}
			return false
		}
		s.held = true
	}
	if s.line.Rejected != nil {
		return true
	}
	_, known := s.units[[2]string{s.line.Relation.Location, s.line.Relation.Association}]
	return known
}

// Values implements pgx.CopyFromSource.
func (s *stage) Values() ([]any, error) {
	s.held = false
	l := &s.line
	s.values = [9]any{0: int32(l.Number), 1: int32(0)}
	if l.Raw != nil {
		s.values[8] = l.Raw
	}
	if r := l.Rejected; r != nil {
		reason := r.Message
		if r.Column != "" {
			reason = r.Column + ": " + reason
		}
		s.values[6], s.values[7] = string(r.Cause), clean(reason)
		return s.values[:], nil
	}
	r := &l.Relation
	u := s.units[[2]string{r.Location, r.Association}]
	s.values[1], s.values[2] = u.lane, u.id
	s.values[3] = s.hasher.hash(s.target, *r)
	s.values[4], s.values[5] = r.First, r.Second
	return s.values[:], nil
}

// Err implements pgx.CopyFromSource: it makes a COPY that a broken file ended
// fail, and the transaction with it.
func (s *stage) Err() error { return s.err }

// learn gives the unit of the held line its number.
func (s *stage) learn(ctx context.Context) error {
	if len(s.units) >= maxUnits {
		clear(s.units)
	}
	location, association := s.line.Relation.Location, s.line.Relation.Association
	var u unit
	err := s.tx.QueryRow(ctx, `
		WITH made AS (
		    INSERT INTO lane (target, location) VALUES ($1, $2)
		    ON CONFLICT (target, location) DO UPDATE SET location = EXCLUDED.location
		    RETURNING id
		)
		INSERT INTO unit (lane, association) SELECT id, $3 FROM made
		ON CONFLICT (lane, association) DO UPDATE SET association = EXCLUDED.association
		RETURNING id, lane`, s.target, location, association).Scan(&u.id, &u.lane)
	if err != nil {
		return fmt.Errorf("naming location %s: %w", location, err)
	}
	s.units[[2]string{location, association}] = u
	s.lanes[u.lane] = true
	return nil
}

// lock lets one load at a time merge into a location; loads into others go on.
// The locks are taken in the order of the lanes' ids, so that two loads cannot
// wait for each other.
func (s *stage) lock(ctx context.Context) error {
	_, err := s.tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, lane) FROM unnest($2::integer[]) AS lane`, lockLoad, slices.Sorted(maps.Keys(s.lanes)))
	if err != nil {
		return fmt.Errorf("waiting for another load: %w", err)
	}
	return nil
}
