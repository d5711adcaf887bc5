package checkpoint

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// A Failure is one line of an import whose pair failed, or that was rejected.
type Failure struct {
	Import   int64
	Line     int64
	Rejected bool              // the line names no pair; Relation is empty
	Relation importer.Relation // of a failed pair
	Status   int
	Cause    importer.Cause
	Message  string // the service's words, or why the line was rejected
	TraceID  string
	Raw      []byte // the line as it came; nil where Relation says it all
}

// bad are the lines of the imports $1 that failed or were rejected. A pair that
// several imports name counts once, for the latest of them. Its line comes with
// it: to look for that afterwards would read the import once for each pair, where
// the planner does not know yet that any have failed.
const bad = `
	latest AS MATERIALIZED (
	    SELECT DISTINCT ON (r.id) r.id, w.import, w.line, w.raw
	    FROM row w JOIN relation r ON r.id = w.relation
	    WHERE w.import = ANY ($1) AND NOT w.repeated AND r.cause IS NOT NULL
	    ORDER BY r.id, w.import DESC
	), bad AS (
	    SELECT t.import, t.line, false AS rejected, l.location, u.association, r.first, r.second,
	           coalesce(r.status, 0) AS status, r.cause, coalesce(r.message, '') AS message,
	           coalesce(r.trace_id, '') AS trace_id, t.raw
	    FROM latest t
	    JOIN relation r ON r.id = t.id
	    JOIN unit u ON u.id = r.unit
	    JOIN lane l ON l.id = u.lane
	  UNION ALL
	    SELECT import, line, true, '', '', '', '', 0, cause, coalesce(reason, ''), '', raw
	    FROM row WHERE import = ANY ($1) AND lane = 0
	)`

// Failures gives the failed and rejected lines of imports one by one, by import
// and line. The Failure is valid until the next one. A cause limits them to its
// own.
func (s *Store) Failures(ctx context.Context, imports []int64, cause importer.Cause, each func(*Failure) error) error {
	rows, err := s.pool.Query(ctx, `
		WITH `+bad+`
		SELECT * FROM bad WHERE $2 = '' OR cause = $2 ORDER BY import, line`, imports, string(cause))
	if err != nil {
		return fmt.Errorf("listing failures: %w", err)
	}
	var f Failure
	_, err = pgx.ForEachRow(rows, f.fields(), func() error { return each(&f) })
	if err != nil {
		return fmt.Errorf("listing failures: %w", err)
	}
	return nil
}

func (f *Failure) fields() []any {
	r := &f.Relation
	return []any{
		&f.Import, &f.Line, &f.Rejected, &r.Location, &r.Association, &r.First, &r.Second,
		&f.Status, &f.Cause, &f.Message, &f.TraceID, &f.Raw,
	}
}

// A FailureGroup is failures of one cause in the same words.
type FailureGroup struct {
	Words   string // ids, and numbers of a rejected line, taken out
	Rows    int64
	Example Failure // the first of them
}

// FailureGroups groups the failed and rejected lines of imports, the largest
// group first. The service names ids in its words, in quotes or as they are;
// they are taken out, or every row would be a group of its own.
func (s *Store) FailureGroups(ctx context.Context, imports []int64) ([]FailureGroup, error) {
	rows, err := s.pool.Query(ctx, `
		WITH `+bad+`, worded AS (
		    SELECT *, CASE WHEN rejected THEN regexp_replace(regexp_replace(message, '"[^"]*"', '"…"', 'g'), '[0-9]+', 'N', 'g')
		              ELSE regexp_replace(
		                     replace(replace(message,
		                         CASE WHEN length(first) < 8 THEN '' ELSE first END, '…'),
		                         CASE WHEN length(second) < 8 THEN '' ELSE second END, '…'),
		                     '''[^'']*''|"[^"]*"|`+"`[^`]*`"+`', '''…''', 'g') END AS words
		    FROM bad
		), placed AS (
		    SELECT *, count(*) OVER alike AS rows, row_number() OVER (alike ORDER BY import, line) AS place
		    FROM worded WINDOW alike AS (PARTITION BY rejected, cause, status, words)
		)
		SELECT words, rows, import, line, rejected, location, association, first, second, status, cause, message, trace_id, raw
		FROM placed WHERE place = 1
		ORDER BY rejected, rows DESC, cause, words`, imports)
	if err != nil {
		return nil, fmt.Errorf("grouping failures: %w", err)
	}
	groups := []FailureGroup{}
	var g FailureGroup
	_, err = pgx.ForEachRow(rows, append([]any{&g.Words, &g.Rows}, g.Example.fields()...), func() error {
		groups = append(groups, g)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("grouping failures: %w", err)
	}
	return groups, nil
}

// FailureCauses are the causes that stand in the ledger, failed and rejected.
func (s *Store) FailureCauses(ctx context.Context) ([]importer.Cause, error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT cause FROM relation WHERE cause IS NOT NULL ORDER BY cause`)
	if err != nil {
		return nil, fmt.Errorf("listing causes: %w", err)
	}
	causes, err := pgx.CollectRows(rows, pgx.RowTo[importer.Cause])
	if err != nil {
		return nil, fmt.Errorf("listing causes: %w", err)
	}
	return causes, nil
}
