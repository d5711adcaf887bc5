package checkpoint

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"relink/importer"
)

// A Run is one execution of relink that sends: its record in the ledger.
type Run struct {
	ID    int64
	store *Store
}

// Start records a new run. settings are stored as JSON and must hold no secret.
func (s *Store) Start(ctx context.Context, command string, imports []int64, settings map[string]any) (*Run, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return nil, fmt.Errorf("recording the run: %w", err)
	}
	if imports == nil {
		imports = []int64{}
	}
	r := &Run{store: s}
	r.ID, err = again(ctx, func() (id int64, err error) {
		err = s.pool.QueryRow(ctx, `
			INSERT INTO run (target, command, imports, settings, host, pid)
			VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
			s.target, command, imports, text, clean(host), os.Getpid()).Scan(&id)
		return id, err
	})
	if err != nil {
		return nil, fmt.Errorf("recording the run: %w", err)
	}
	return r, nil
}

// Beat records that the run is alive and what it has done so far.
func (r *Run) Beat(ctx context.Context, c importer.Counts) error {
	_, err := r.store.pool.Exec(ctx, `
		UPDATE run SET seen_at = now(), sent = $2, throttled = $3, retried = $4,
		               created = $5, existing = $6, failed = $7, undone = $8
		WHERE id = $1 AND ended_at IS NULL`,
		r.ID, c.Sent, c.Throttled, c.Retried, c.Created, c.Existing, c.Failed, c.Undone)
	if err != nil {
		return fmt.Errorf("recording the run's progress: %w", err)
	}
	return nil
}

// End records how the run ended. A run that was killed has no end.
func (r *Run) End(ctx context.Context, c importer.Counts, stop importer.Stop, exit int) error {
	_, err := again(ctx, func() (pgconn.CommandTag, error) {
		return r.store.pool.Exec(ctx, `
			UPDATE run SET seen_at = now(), ended_at = now(), stopped = $2, exit = $3, sent = $4, throttled = $5,
			               retried = $6, created = $7, existing = $8, failed = $9, undone = $10
			WHERE id = $1`,
			r.ID, string(stop), exit, c.Sent, c.Throttled, c.Retried, c.Created, c.Existing, c.Failed, c.Undone)
	})
	if err != nil {
		return fmt.Errorf("recording the run's end: %w", err)
	}
	return nil
}

// A Refusal is one rejected line of an import.
type Refusal struct {
	Line   int64
	Cause  importer.Cause
	Reason string
}

// Refusals returns the first rejected lines of an import.
func (s *Store) Refusals(ctx context.Context, imported int64, limit int) ([]Refusal, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT line, cause, reason FROM row
		WHERE import = $1 AND lane = 0 ORDER BY line LIMIT $2`, imported, limit)
	if err != nil {
		return nil, fmt.Errorf("listing rejected lines: %w", err)
	}
	refusals, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Refusal])
	if err != nil {
		return nil, fmt.Errorf("listing rejected lines: %w", err)
	}
	return refusals, nil
}

// Forget removes everything that the ledger holds of its target: the sandbox's
// reset. It ends with importer.ErrBusy while a lane of the target is held.
func (s *Store) Forget(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var free bool
		err := tx.QueryRow(ctx, `
			SELECT coalesce(bool_and(pg_try_advisory_xact_lock($2, id)), true) FROM lane WHERE target = $1`,
			s.target, lockLane).Scan(&free)
		if err != nil {
			return fmt.Errorf("locking the target: %w", err)
		}
		if !free {
			return importer.ErrBusy
		}
		for _, sql := range []string{
			`DELETE FROM pulse WHERE lane IN (SELECT id FROM lane WHERE target = $1)`,
			`DELETE FROM pick WHERE errand IN (SELECT id FROM errand WHERE target = $1)`,
			`DELETE FROM errand WHERE target = $1`,
			`DELETE FROM claim WHERE lane IN (SELECT id FROM lane WHERE target = $1)`,
			`DELETE FROM row WHERE import IN (SELECT id FROM import WHERE target = $1)`,
			`DELETE FROM import WHERE target = $1`,
			`DELETE FROM relation WHERE unit IN (SELECT u.id FROM unit u JOIN lane l ON l.id = u.lane WHERE l.target = $1)`,
			`DELETE FROM unit WHERE lane IN (SELECT id FROM lane WHERE target = $1)`,
			`DELETE FROM lane WHERE target = $1`,
			`DELETE FROM run WHERE target = $1`,
		} {
			if _, err := tx.Exec(ctx, sql, s.target); err != nil {
				return fmt.Errorf("forgetting %s: %w", s.target, err)
			}
		}
		return nil
	})
}
