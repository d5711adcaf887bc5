package checkpoint

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// Settle writes outcomes and ends the claims that have none left to wait for,
// in one statement: see importer.Ledger. A relation that is no longer in the
// state it was claimed in has been settled since, by us or by another run, and
// is left as it is.
func (l *Lane) Settle(ctx context.Context, outcomes []importer.Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	c := newColumns(outcomes)
	return l.end("settling rows", c.ids, func(conn *pgx.Conn, ended []int64) error {
		_, err := conn.Exec(ctx, `
			WITH outcome AS (
			    SELECT DISTINCT ON (id) *
			    FROM unnest($1::bigint[], $2::text[], $3::boolean[], $4::smallint[], $5::text[], $6::text[],
			                $7::text[], $8::text[], $9::smallint[], $10::timestamptz[]) WITH ORDINALITY
			      AS o (id, state, uncertain, status, cause, message, trace_id, remote_id, attempts, at, place)
			    ORDER BY id, place
			), ended AS (
			    DELETE FROM claim WHERE id = ANY ($11::bigint[])
			)
			UPDATE relation r
			SET state = o.state, status = nullif(o.status, 0),
			    uncertain = CASE WHEN $13 = 'created' THEN r.uncertain ELSE o.uncertain END,
			    cause = nullif(o.cause, ''), message = nullif(o.message, ''), trace_id = nullif(o.trace_id, ''),
			    remote_id = coalesce(nullif(o.remote_id, ''), r.remote_id),
			    attempts = o.attempts, settled_at = o.at,
			    run = CASE WHEN o.state IN ('undone', r.state) THEN r.run ELSE $12 END
			FROM outcome o
			WHERE r.id = o.id AND r.state = $13`,
			c.ids, c.states, c.uncertain, c.statuses, c.causes, c.messages, c.traces, c.remoteIDs, c.attempts, c.at,
			ended, l.scope.Run, l.from())
		return err
	})
}

// Release puts back relations that were claimed and certainly not changed: see
// importer.Ledger. Claims that another run has taken over are no longer there,
// so nothing of theirs is touched.
func (l *Lane) Release(ctx context.Context, items []importer.Item) error {
	ids := idsOf(items)
	err := l.end("putting rows back", ids, func(conn *pgx.Conn, ended []int64) error {
		_, err := conn.Exec(ctx, `
			WITH ended AS (
			    DELETE FROM claim WHERE id = ANY ($2::bigint[])
			)
			UPDATE claim
			SET relations = ARRAY(SELECT unnest(relations) EXCEPT SELECT unnest($1::bigint[]))
			WHERE lane = $3 AND run = $4 AND relations && $1::bigint[] AND id <> ALL ($2::bigint[])`,
			ids, ended, l.id, l.scope.Run)
		return err
	})
	if err == nil && len(ids) > 0 {
		l.rewind() // they lie behind the cursor
	}
	return err
}

// Keep stores how often relations that stay in doubt were tried, and moves them
// to a claim of their own that the next Claim takes over: see importer.Ledger.
func (l *Lane) Keep(ctx context.Context, items []importer.Item) error {
	ids := idsOf(items)
	attempts := make([]int16, len(items))
	for i, item := range items {
		attempts[i] = int16(min(item.Attempts, 1<<15-1))
	}
	err := l.end("keeping rows in doubt", ids, func(conn *pgx.Conn, ended []int64) error {
		_, err := conn.Exec(ctx, `
			WITH kept AS (
			    UPDATE relation r SET attempts = o.attempts
			    FROM unnest($1::bigint[], $2::smallint[]) AS o (id, attempts)
			    WHERE r.id = o.id AND r.state = $3
			    RETURNING r.id
			), moved AS (
			    INSERT INTO claim (lane, run, operation, relations)
			    SELECT $4, $5, $6, array_agg(id ORDER BY id) FROM kept HAVING count(*) > 0
			), ended AS (
			    DELETE FROM claim WHERE id = ANY ($7::bigint[])
			)
			UPDATE claim
			SET relations = ARRAY(SELECT unnest(relations) EXCEPT SELECT unnest($1::bigint[]))
			WHERE lane = $4 AND run = $5 AND relations && $1::bigint[] AND id <> ALL ($7::bigint[])`,
			ids, attempts, l.from(), l.id, l.scope.Run, l.scope.Operation, ended)
		return err
	})
	if err == nil && len(ids) > 0 {
		l.inherited = false
	}
	return err
}

// end runs f with the claims that end when these relations do. If f fails the
// relations are outstanding still: it may be called again.
func (l *Lane) end(doing string, ids []int64, f func(conn *pgx.Conn, ended []int64) error) error {
	if len(ids) == 0 {
		return nil
	}
	ended := l.ending(ids)
	if err := l.do(doing, func(conn *pgx.Conn) error { return f(conn, ended) }); err != nil {
		return err
	}
	l.forget(ids)
	return nil
}

// ending returns the claims of which nothing is left once these relations end.
func (l *Lane) ending(ids []int64) []int64 {
	ended := []int64{}
	gone := make(map[int64]bool, len(ids))
	going := map[int64]int{}
	for _, id := range ids {
		claim, ok := l.outstanding[id]
		if !ok || gone[id] {
			continue
		}
		gone[id] = true
		if going[claim]++; going[claim] == l.left[claim] {
			ended = append(ended, claim)
		}
	}
	return ended
}

// forget drops relations that have ended.
func (l *Lane) forget(ids []int64) {
	for _, id := range ids {
		claim, ok := l.outstanding[id]
		if !ok {
			continue
		}
		delete(l.outstanding, id)
		delete(l.skip, id)
		if l.left[claim]--; l.left[claim] == 0 {
			delete(l.left, claim)
		}
	}
}

func idsOf(items []importer.Item) []int64 {
	ids := make([]int64, len(items))
	for i, item := range items {
		ids[i] = item.ID
	}
	return ids
}

// columns are outcomes turned on their side, as unnest takes them.
type columns struct {
	ids                                         []int64
	states, causes, messages, traces, remoteIDs []string
	uncertain                                   []bool
	statuses, attempts                          []int16
	at                                          []time.Time
}

func newColumns(outcomes []importer.Outcome) *columns {
	n := len(outcomes)
	c := &columns{
		ids: make([]int64, n), states: make([]string, n), causes: make([]string, n), messages: make([]string, n),
		traces: make([]string, n), remoteIDs: make([]string, n), uncertain: make([]bool, n),
		statuses: make([]int16, n), attempts: make([]int16, n), at: make([]time.Time, n),
	}
	for i, o := range outcomes {
		c.ids[i], c.states[i], c.uncertain[i] = o.ID, string(o.State), o.Uncertain
		c.statuses[i], c.attempts[i] = int16(o.Status), int16(min(o.Attempts, 1<<15-1))
		c.causes[i], c.messages[i] = string(o.Cause), clean(o.Message)
		c.remoteIDs[i], c.at[i] = clean(o.RelationID), o.At
		if o.State == importer.Failed { // a tenth of the ledger, for nobody to ask about
			c.traces[i] = clean(o.TraceID)
		}
	}
	return c
}
