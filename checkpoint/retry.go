package checkpoint

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// A Selection says which failed relations to send again.
type Selection struct {
	Imports []int64          // those that these imports name
	Causes  []importer.Cause // failed with one of these; none: with any
	Without []importer.Cause // and with none of these
	Lines   []int64          // named by these lines; none: by any
}

// chosen are the relations of a Selection ($1 to $5): failed ones, and those
// that an earlier retry has set aside and did not come to send. The latter have
// no cause any more, so they count whatever causes are asked for; those of a
// lane that is held are left to the run that holds it.
const chosen = `
	chosen AS (
	    SELECT DISTINCT ON (r.id) r.id, w.import, w.lane, w.line
	    FROM row w JOIN relation r ON r.id = w.relation
	    WHERE w.import = ANY ($1)
	      AND (cardinality($4::bigint[]) = 0 OR w.line = ANY ($4))
	      AND (r.cause IS NOT NULL
	           AND (cardinality($2::text[]) = 0 OR r.cause = ANY ($2))
	           AND r.cause <> ALL ($3::text[])
	        OR r.state = 'pending' AND r.run IS NOT NULL
	           AND w.lane::bigint NOT IN (` + heldLanes + `))
	    ORDER BY r.id, w.import, w.line
	)`

// heldLanes are the lanes whose lock somebody holds; $5 is the lock's class.
const heldLanes = `
	SELECT objid::bigint FROM pg_locks
	WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid::bigint = $5
	  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

func (sel Selection) args() []any {
	causes := func(in []importer.Cause) []string {
		out := make([]string, len(in))
		for i, c := range in {
			out[i] = string(c)
		}
		return out
	}
	lines := sel.Lines
	if lines == nil {
		lines = []int64{}
	}
	return []any{sel.Imports, causes(sel.Causes), causes(sel.Without), lines, int64(lockLane)}
}

// Failed counts what a selection holds, by import and location, each pair once.
func (s *Store) Failed(ctx context.Context, sel Selection) ([]Share, error) {
	return s.pending(ctx, `WITH `+chosen, sel.args())
}

// MarkFailed sets the relations of a selection aside for a run: they are pending
// again, and a lane whose Scope is Marked claims them. It is one statement; an
// interrupted run's relations stay marked, and the next MarkFailed takes them.
func (s *Store) MarkFailed(ctx context.Context, run int64, sel Selection) error {
	_, err := s.pool.Exec(ctx, `
		WITH `+chosen+`
		UPDATE relation r
		SET state = 'pending', run = $6, settled_at = NULL, attempts = 0, uncertain = false,
		    status = NULL, cause = NULL, message = NULL, trace_id = NULL
		FROM chosen c
		WHERE r.id = c.id AND r.state IN ('failed', 'pending')`, append(sel.args(), run)...)
	if err != nil {
		return fmt.Errorf("setting failed rows aside: %w", err)
	}
	return nil
}

// Marked counts what is set aside for a run and not yet settled, by import and
// location, each pair once.
func (s *Store) Marked(ctx context.Context, run int64, imports []int64) ([]Share, error) {
	return s.pending(ctx, `
		WITH chosen AS (
		    SELECT DISTINCT ON (r.id) w.import, w.lane, w.line
		    FROM row w JOIN relation r ON r.id = w.relation
		    WHERE w.import = ANY ($1) AND NOT w.repeated AND r.state = 'pending' AND r.run = $2
		    ORDER BY r.id, w.import
		)`, []any{imports, run})
}

// pending counts the relations that with, a WITH clause, has chosen.
func (s *Store) pending(ctx context.Context, with string, args []any) ([]Share, error) {
	rows, err := s.pool.Query(ctx, with+`
		SELECT c.import, c.lane, l.location, 'pending', count(*), min(c.line)
		FROM chosen c JOIN lane l ON l.id = c.lane
		GROUP BY c.import, c.lane, l.location
		ORDER BY c.import, l.location`, args...)
	if err != nil {
		return nil, fmt.Errorf("counting failed rows: %w", err)
	}
	shares, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Share])
	if err != nil {
		return nil, fmt.Errorf("counting failed rows: %w", err)
	}
	return shares, nil
}
