package checkpoint

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	Delimiter rune
	SHA256    string // of the content, 64 hex digits
	Size      int64  // bytes
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
		// The claims of running lanes see these pages; the settings are
		// this transaction's own.
		_, err := tx.Exec(ctx, `
			SET LOCAL work_mem = '64MB';
			SET LOCAL synchronous_commit = on;
			CREATE TEMP TABLE stage (
			    line integer, unit integer, hash uuid, first text, second text,
			    cause text, reason text, raw bytea
			) ON COMMIT DROP`)
		if err != nil {
			return fmt.Errorf("making room for the file: %w", err)
		}
		stage := &stage{tx: tx, target: s.target, next: next, units: map[[2]string]int32{}}
		if err := stage.fill(ctx); err != nil {
			return err
		}
		if stage.err != nil {
			return stage.err
		}
		if f.SHA256, f.Size, err = content(); err != nil {
			return err
		}
		if err := stage.lock(ctx); err != nil {
			return err
		}
		id, err = merge(ctx, tx, s.target, f)
		return err
	})
	return id, err
}

// maxUnits bounds the units remembered while a file streams through.
const maxUnits = 4096

// A stage copies lines into the staging table. A COPY ends where a unit comes
// up that the ledger does not know yet, and the next one goes on behind it.
type stage struct {
	tx     pgx.Tx
	target string
	next   func(*importer.Line) error
	units  map[[2]string]int32 // by location and association
	hasher hasher

	line   importer.Line
	held   bool // line is read and not yet copied
	ended  bool
	err    error // of next
	values [8]any
}

var stageColumns = []string{"line", "unit", "hash", "first", "second", "cause", "reason", "raw"}

func (s *stage) fill(ctx context.Context) error {
	for {
		if _, err := s.tx.CopyFrom(ctx, pgx.Identifier{"stage"}, stageColumns, s); err != nil {
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
	s.values = [8]any{0: int32(l.Number)}
	if l.Raw != nil {
		s.values[7] = l.Raw
	}
	if r := l.Rejected; r != nil {
		reason := r.Message
		if r.Column != "" {
			reason = r.Column + ": " + reason
		}
		s.values[5], s.values[6] = string(r.Cause), clean(reason)
		return s.values[:], nil
	}
	r := &l.Relation
	s.values[1] = s.units[[2]string{r.Location, r.Association}]
	s.values[2] = s.hasher.hash(s.target, *r)
	s.values[3], s.values[4] = r.First, r.Second
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
	var unit int32
	err := s.tx.QueryRow(ctx, `
		WITH made AS (
		    INSERT INTO lane (target, location) VALUES ($1, $2)
		    ON CONFLICT (target, location) DO UPDATE SET location = EXCLUDED.location
		    RETURNING id
		)
		INSERT INTO unit (lane, association) SELECT id, $3 FROM made
		ON CONFLICT (lane, association) DO UPDATE SET association = EXCLUDED.association
		RETURNING id`, s.target, location, association).Scan(&unit)
	if err != nil {
		return fmt.Errorf("naming location %s: %w", location, err)
	}
	s.units[[2]string{location, association}] = unit
	return nil
}

// lock lets one load at a time merge into a location; loads into others go on.
// The locks are taken in the order of the lanes' ids, so that two loads cannot
// wait for each other.
func (s *stage) lock(ctx context.Context) error {
	rows, err := s.tx.Query(ctx, `SELECT DISTINCT u.lane FROM stage s JOIN unit u ON u.id = s.unit`)
	if err != nil {
		return fmt.Errorf("listing locations: %w", err)
	}
	lanes, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		return fmt.Errorf("listing locations: %w", err)
	}
	slices.Sort(lanes)
	_, err = s.tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, lane) FROM unnest($2::integer[]) AS lane`, lockLoad, lanes)
	if err != nil {
		return fmt.Errorf("waiting for another load: %w", err)
	}
	return nil
}

// merge turns the staged lines into an import, its rows and its relations.
func merge(ctx context.Context, tx pgx.Tx, target string, f File) (id int64, err error) {
	sum, err := hex.DecodeString(f.SHA256)
	if err != nil {
		return 0, fmt.Errorf("reading a SHA-256: %w", err)
	}
	made, err := tx.Exec(ctx, `
		INSERT INTO relation (hash, unit, first, second)
		SELECT hash, unit, first, second FROM stage WHERE hash IS NOT NULL
		ON CONFLICT (hash) DO NOTHING`)
	if err != nil {
		return 0, fmt.Errorf("merging pairs: %w", err)
	}
	if _, err := tx.Exec(ctx, `ANALYZE stage, relation`); err != nil {
		return 0, fmt.Errorf("merging pairs: %w", err)
	}
	err = tx.QueryRow(ctx, `
		WITH twice AS (
		    SELECT hash, count(*) AS times FROM stage
		    WHERE hash IS NOT NULL GROUP BY hash HAVING count(*) > 1
		), book AS (
		    SELECT count(*) AS rows, count(*) FILTER (WHERE hash IS NULL) AS rejected,
		           (SELECT coalesce(sum(times - 1), 0) FROM twice) AS repeated
		    FROM stage
		)
		INSERT INTO import (target, sha256, reading, name, header, delimiter, size,
		                    rows, pairs, repeated, rejected, known)
		SELECT $1, $2, $3, $4, $5, $6, $7,
		       rows, rows - rejected - repeated, repeated, rejected, rows - rejected - repeated - $8
		FROM book
		RETURNING id`,
		target, sum, f.Reading, clean(f.Name), cleanAll(f.Header), string(f.Delimiter), f.Size, made.RowsAffected()).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("merging the file: %w", err)
	}
	_, err = tx.Exec(ctx, `
		WITH twice AS MATERIALIZED (
		    SELECT hash, min(line) AS line FROM stage
		    WHERE hash IS NOT NULL GROUP BY hash HAVING count(*) > 1
		)
		INSERT INTO row (relation, import, lane, line, repeated, cause, reason, raw)
		SELECT r.id, $1, coalesce(u.lane, 0), s.line, coalesce(s.line > t.line, false), s.cause, s.reason, s.raw
		FROM stage s
		LEFT JOIN relation r ON r.hash = s.hash
		LEFT JOIN unit u ON u.id = s.unit
		LEFT JOIN twice t ON t.hash = s.hash
		ORDER BY s.line`, id)
	if err != nil {
		return 0, fmt.Errorf("merging lines: %w", err)
	}
	_, err = tx.Exec(ctx, `
		UPDATE relation r
		SET state = 'pending', run = NULL, settled_at = NULL, attempts = 0, uncertain = false,
		    status = NULL, remote_id = NULL, cause = NULL, message = NULL, trace_id = NULL
		WHERE r.state IN ('failed', 'undone')
		  AND r.hash IN (SELECT hash FROM stage)
		  AND (SELECT known FROM import WHERE id = $1) > 0`, id)
	if err != nil {
		return 0, fmt.Errorf("taking up failed pairs again: %w", err)
	}
	if _, err := tx.Exec(ctx, `ANALYZE row`); err != nil {
		return 0, fmt.Errorf("merging lines: %w", err)
	}
	return id, nil
}
