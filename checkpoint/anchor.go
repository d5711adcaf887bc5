package checkpoint

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// An Anchor is a first record, and those of its pairs that are asked for: one
// list of its relations tells of them all.
type Anchor struct {
	First string
	Pairs []Pair
}

// A Pair is one of an anchor's.
type Pair struct {
	ID          int64 // the relation's
	Association string
	Second      string
}

// A Sought says which of an errand's records are wanted.
type Sought struct {
	Lane     int64
	Round    int  // pairs that were looked for in fewer rounds than this
	Nameless bool // only created relations whose own id is not known
}

// Anchors returns about n or some hundred records behind the key after, each with all of its
// pairs that are wanted, and the key up to which it looked: after itself when
// nothing is left. A record's key is a hash: in the rare case two share one.
func (e *Errand) Anchors(ctx context.Context, want Sought, after int64, n int) (anchors []Anchor, last int64, err error) {
	last = after
	err = e.do(ctx, "choosing records", func(conn *pgx.Conn) error {
		err := conn.QueryRow(ctx, `
			SELECT coalesce(max(key), $3) FROM (
			    SELECT key FROM pick
			    WHERE errand = $1 AND lane = $2 AND key > $3 AND answer IS NULL AND tries < $4
			    ORDER BY key LIMIT $5
			) page`, e.ID, want.Lane, after, want.Round, max(n, 500)).Scan(&last)
		if err != nil || last == after {
			return err
		}
		// The fences keep the planner from reading all relations for a page.
		rows, err := conn.Query(ctx, `
			WITH page AS MATERIALIZED (
			    SELECT key, relation FROM pick
			    WHERE errand = $1 AND lane = $2 AND key > $3 AND key <= $4 AND answer IS NULL AND tries < $5
			)
			SELECT r.first, r.id, u.association, r.second
			FROM page p
			CROSS JOIN LATERAL (SELECT * FROM relation WHERE id = p.relation OFFSET 0) r
			JOIN unit u ON u.id = r.unit
			WHERE NOT $6 OR r.state = 'created' AND r.remote_id IS NULL
			ORDER BY p.key, r.first, r.id`,
			e.ID, want.Lane, after, last, want.Round, want.Nameless)
		if err != nil {
			return err
		}
		var first string
		var pair Pair
		_, err = pgx.ForEachRow(rows, []any{&first, &pair.ID, &pair.Association, &pair.Second}, func() error {
			if len(anchors) == 0 || anchors[len(anchors)-1].First != first {
				anchors = append(anchors, Anchor{First: first})
			}
			a := &anchors[len(anchors)-1]
			a.Pairs = append(a.Pairs, pair)
			return nil
		})
		return err
	})
	if err != nil {
		return nil, after, err
	}
	return anchors, last, nil
}

// A Finding is what a list told of one pair.
type Finding struct {
	ID       int64 // the relation's
	Answer   Answer
	RemoteID string // the service's id of a relation that is present
}

// Find writes findings down, all or none. A pair is missing only after the
// last of so many rounds; until then it has been looked for once more. Ids that
// the ledger does not know are filled in. To write a finding twice counts its
// round twice and changes nothing else.
func (e *Errand) Find(ctx context.Context, findings []Finding, rounds int) error {
	ids, answers, remote := make([]int64, len(findings)), make([]string, len(findings)), make([]string, len(findings))
	for i, f := range findings {
		ids[i], answers[i], remote[i] = f.ID, string(f.Answer), clean(f.RemoteID)
	}
	return e.do(ctx, "writing findings", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `
			WITH found AS (
			    SELECT * FROM unnest($2::bigint[], $3::text[], $4::text[]) AS f (id, answer, remote_id)
			), named AS (
			    UPDATE relation r SET remote_id = f.remote_id FROM found f
			    WHERE r.id = f.id AND f.remote_id <> '' AND r.remote_id IS NULL AND r.state IN ('created', 'existing')
			)
			UPDATE pick p
			SET tries = p.tries + 1,
			    answer = CASE WHEN f.answer = 'missing' AND p.tries + 1 < $5 THEN NULL ELSE f.answer END
			FROM found f JOIN relation r ON r.id = f.id JOIN unit u ON u.id = r.unit
			WHERE p.errand = $1 AND p.lane = u.lane AND p.key = hashtextextended(r.first, 0) & 9223372036854775807
			  AND p.relation = f.id`,
			e.ID, ids, answers, remote, rounds)
		return err
	})
}

// Found counts the pairs of an errand by answer; those without one yet stand
// under the empty answer.
func (e *Errand) Found(ctx context.Context) (map[Answer]int64, error) {
	rows, err := e.store.pool.Query(ctx, `
		SELECT coalesce(answer, ''), count(*) FROM pick WHERE errand = $1 GROUP BY 1`, e.ID)
	if err != nil {
		return nil, fmt.Errorf("counting answers: %w", err)
	}
	found := map[Answer]int64{}
	var answer string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&answer, &n}, func() error {
		found[Answer(answer)] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("counting answers: %w", err)
	}
	return found, nil
}

// Pairs lists the first pairs of an errand with that answer.
func (e *Errand) Pairs(ctx context.Context, answer Answer, limit int) ([]importer.Relation, error) {
	return e.store.relations(ctx, `
		r.id IN (SELECT relation FROM pick WHERE errand = $1 AND answer = $2) ORDER BY r.id LIMIT $3`,
		e.ID, string(answer), limit)
}

// Requeue makes the missing pairs pending, as if they had never been sent, and
// returns how many.
func (e *Errand) Requeue(ctx context.Context) (int64, error) {
	done, err := e.store.pool.Exec(ctx, `
		UPDATE relation
		SET state = 'pending', run = NULL, settled_at = NULL, attempts = 0, uncertain = false,
		    status = NULL, remote_id = NULL, cause = NULL, message = NULL, trace_id = NULL
		WHERE state IN ('created', 'existing')
		  AND id IN (SELECT relation FROM pick WHERE errand = $1 AND answer = 'missing')`, e.ID)
	if err != nil {
		return 0, fmt.Errorf("setting missing pairs pending: %w", err)
	}
	return done.RowsAffected(), nil
}

// do runs f on a connection of the pool; where that is lost the error is
// importer.ErrLost.
func (e *Errand) do(ctx context.Context, doing string, f func(*pgx.Conn) error) error {
	conn, err := e.store.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, errors.Join(importer.ErrLost, err))
	}
	defer conn.Release()
	if err := f(conn.Conn()); err != nil {
		return gone(doing, conn.Conn(), err)
	}
	return nil
}
