package checkpoint

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// A Record is a run as the ledger remembers it.
type Record struct {
	ID        int64
	Target    string
	Command   string
	Imports   []int64
	Host      string
	PID       int
	StartedAt time.Time
	SeenAt    time.Time
	EndedAt   *time.Time // nil: it is running, or was killed
	Stopped   string
	Exit      *int
	Running   bool // it gave a sign of life lately, and a lane of its target is held

	Sent, Throttled, Retried, Created, Existing, Failed, Undone int64

	Pace float64 // rows that got an outcome, a second, in the last five minutes; 0 unless Running
}

// Counts are what the run has done, as far as it told.
func (r Record) Counts() importer.Counts {
	return importer.Counts{
		Sent: r.Sent, Throttled: r.Throttled, Retried: r.Retried,
		Created: r.Created, Existing: r.Existing, Failed: r.Failed, Undone: r.Undone,
	}
}

// Runs lists the latest runs, the last one first; with an import, those that
// worked on it; with a run, that one. A store without a target lists those of all targets.
//
// A run tells of itself every ten seconds, and so a pulse tells of up to ten
// seconds before its minute. One that has ended without saying so
// counts as running until it has been silent for 35 s, unless nobody holds a
// lane of its target any more: the locks of a killed process are free at once.
func (s *Store) Runs(ctx context.Context, imported, run int64, limit int) ([]Record, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT r.id, r.target, r.command, r.imports, r.host, r.pid, r.started_at, r.seen_at, r.ended_at,
		       coalesce(r.stopped, ''), r.exit, live.running,
		       r.sent, r.throttled, r.retried, r.created, r.existing, r.failed, r.undone,
		       CASE WHEN live.running THEN coalesce((
		           SELECT sum(p.created + p.existing + p.failed + p.undone)
		                  / greatest(1, extract(epoch FROM r.seen_at - greatest(r.started_at, min(p.minute) - interval '10 seconds')))
		           FROM pulse p WHERE p.run = r.id AND p.minute > now() - interval '5 minutes'
		       ), 0) ELSE 0 END::float8
		FROM run r
		CROSS JOIN LATERAL (
		    SELECT r.ended_at IS NULL AND r.seen_at > now() - interval '35 seconds' AND EXISTS (
		        SELECT FROM lane l WHERE l.target = r.target AND l.id IN (`+heldLanes+`)
		    ) AS running
		) live
		WHERE ($1 = '' OR r.target = $1) AND ($2 = 0 OR $2 = ANY (r.imports)) AND ($3 = 0 OR r.id = $3)
		ORDER BY r.id DESC LIMIT $4`, s.target, imported, run, limit, int64(lockLane))
	if err != nil {
		return nil, fmt.Errorf("listing runs: %w", err)
	}
	records, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Record])
	if err != nil {
		return nil, fmt.Errorf("listing runs: %w", err)
	}
	return records, nil
}
