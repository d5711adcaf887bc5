package checkpoint

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// A Past is a run with what was asked of it: what its report begins with.
type Past struct {
	ID        int64
	Target    string
	Command   string
	Imports   []int64
	Settings  map[string]any
	Host      string
	StartedAt time.Time
	SeenAt    time.Time
	EndedAt   *time.Time // nil: it is going on, or was killed
	Stopped   importer.Stop
	Exit      int
	Counts    importer.Counts
}

// Past returns one run of the target (of any, where the store has none), or nil.
func (s *Store) Past(ctx context.Context, run int64) (*Past, error) {
	found, err := s.pasts(ctx, `id = $2`, run)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// Pasts returns the runs that worked on an import, in their order.
func (s *Store) Pasts(ctx context.Context, imported int64) ([]Past, error) {
	return s.pasts(ctx, `$2::integer = ANY (imports)`, imported)
}

func (s *Store) pasts(ctx context.Context, where string, arg any) ([]Past, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id, target, command, imports, settings, host, started_at, seen_at, ended_at, coalesce(stopped, ''), coalesce(exit, 0),
		       sent, throttled, retried, created, existing, failed, undone
		FROM run WHERE ($1 = '' OR target = $1) AND `+where+` ORDER BY id`, s.target, arg)
	if err != nil {
		return nil, fmt.Errorf("reading runs: %w", err)
	}
	var found []Past
	var p Past
	var settings []byte
	c := &p.Counts
	_, err = pgx.ForEachRow(rows, []any{
		&p.ID, &p.Target, &p.Command, &p.Imports, &settings, &p.Host, &p.StartedAt, &p.SeenAt, &p.EndedAt, &p.Stopped, &p.Exit,
		&c.Sent, &c.Throttled, &c.Retried, &c.Created, &c.Existing, &c.Failed, &c.Undone,
	}, func() error {
		p.Settings = nil
		if err := json.Unmarshal(settings, &p.Settings); err != nil {
			return err
		}
		found = append(found, p)
		p = Past{}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading runs: %w", err)
	}
	return found, nil
}

// A Minute is what runs did in one, all lanes together.
type Minute struct {
	At    time.Time
	Lanes int64
	Sent, Throttled, Unclear,
	Created, Existing, Failed, Undone int64
}

// Minutes lists the minutes in which these runs did something.
func (s *Store) Minutes(ctx context.Context, runs []int64) ([]Minute, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT minute, count(DISTINCT lane), sum(sent), sum(throttled), sum(unclear),
		       sum(created), sum(existing), sum(failed), sum(undone)
		FROM pulse WHERE run = ANY ($1) GROUP BY minute ORDER BY minute`, runs)
	if err != nil {
		return nil, fmt.Errorf("reading what runs did: %w", err)
	}
	minutes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Minute])
	if err != nil {
		return nil, fmt.Errorf("reading what runs did: %w", err)
	}
	return minutes, nil
}

// A Verdict is how many pairs the runs left in a state with one last status.
type Verdict struct {
	Status int // 0: no answer
	State  importer.State
	Pairs  int64
}

// Verdicts counts the last answers for the pairs that these runs settled: one
// pass over the table.
func (s *Store) Verdicts(ctx context.Context, runs []int64) ([]Verdict, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT coalesce(status, 0), state, count(*) FROM relation
		WHERE run = ANY ($1) GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`, runs)
	if err != nil {
		return nil, fmt.Errorf("counting answers: %w", err)
	}
	verdicts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Verdict])
	if err != nil {
		return nil, fmt.Errorf("counting answers: %w", err)
	}
	return verdicts, nil
}

// A Failing is one cause of failed pairs, and the first of them.
type Failing struct {
	Cause    importer.Cause
	Pairs    int64
	Examples []Failed
}

// A Failed pair and the service's words.
type Failed struct {
	Relation importer.Relation
	Message  string
	TraceID  string
}

// Failings groups the failed pairs of these runs by cause, with the first few
// of each.
func (s *Store) Failings(ctx context.Context, runs []int64, examples int) ([]Failing, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT f.cause, f.pairs, l.location, u.association, f.first, f.second, coalesce(f.message, ''), coalesce(f.trace_id, '')
		FROM (
		    SELECT *, count(*) OVER (PARTITION BY cause) AS pairs, row_number() OVER (PARTITION BY cause ORDER BY id) AS place
		    FROM relation WHERE cause IS NOT NULL AND run = ANY ($1)
		) f JOIN unit u ON u.id = f.unit JOIN lane l ON l.id = u.lane
		WHERE f.place <= $2 ORDER BY f.pairs DESC, f.cause, f.id`, runs, examples)
	if err != nil {
		return nil, fmt.Errorf("listing failures: %w", err)
	}
	var all []Failing
	var next Failing
	var e Failed
	r := &e.Relation
	_, err = pgx.ForEachRow(rows, []any{
		&next.Cause, &next.Pairs, &r.Location, &r.Association, &r.First, &r.Second, &e.Message, &e.TraceID,
	}, func() error {
		if n := len(all); n == 0 || all[n-1].Cause != next.Cause {
			all = append(all, next)
		}
		last := &all[len(all)-1]
		last.Examples = append(last.Examples, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing failures: %w", err)
	}
	return all, nil
}
