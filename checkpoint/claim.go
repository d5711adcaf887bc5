package checkpoint

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// Claim writes down the next up to n relations of the scope as claimed, in one
// statement, and returns them: see importer.Ledger.
func (l *Lane) Claim(ctx context.Context, n int) ([]importer.Item, error) {
	var items []importer.Item
	err := l.do("claiming rows", func(conn *pgx.Conn) error {
		for !l.inherited {
			found, more, err := l.takeOver(ctx, conn)
			if err != nil || len(found) > 0 {
				items = found
				return err
			}
			l.inherited = !more
		}
		var err error
		switch l.scope.Operation {
		case Delete:
			items, err = l.nextCreated(ctx, conn, n)
		default:
			items, err = l.nextPending(ctx, conn, n)
		}
		return err
	})
	return items, err
}

// claimed is one row of a claiming statement.
type claimed struct {
	Claim       int64
	Line        int64
	ID          int64
	Association string
	First       string
	Second      string
	RemoteID    *string
	Attempts    int
	Uncertain   bool
}

// takeOver makes one claim that a dead run left behind ours and returns what
// of it has no outcome. Nobody else can be alive: we hold the location's lock.
// An undo takes over only what an undo of the same run left, and of that not
// what another run has created since.
// It may hold rows that we have in flight, claimed before we lost the lock for
// a while: they stay claimed, and are not returned again.
func (l *Lane) takeOver(ctx context.Context, conn *pgx.Conn) (items []importer.Item, more bool, err error) {
	mine := keys(l.left)
	var stale int64
	err = conn.QueryRow(ctx, `
		SELECT coalesce(min(c.id), 0) FROM claim c
		WHERE c.lane = $1 AND c.operation = $2 AND c.id <> ALL ($3::bigint[])
		  AND ($4 = 0 OR EXISTS (SELECT FROM relation r WHERE r.id = ANY (c.relations) AND r.run = $4))`,
		l.id, l.scope.Operation, mine, l.scope.Undo).Scan(&stale)
	if err != nil || stale == 0 {
		return nil, false, err
	}
	items, err = l.take(ctx, conn, `
		WITH stale AS (
		    DELETE FROM claim WHERE id = $1 RETURNING relations
		), doubt AS MATERIALIZED (
		    SELECT 0::bigint AS line, r.id, u.association, r.first, r.second, r.remote_id, r.attempts, true AS uncertain
		    FROM (SELECT DISTINCT unnest(relations) AS id FROM stale) s
		    JOIN relation r ON r.id = s.id
		    JOIN unit u ON u.id = r.unit
		    WHERE r.state = $5 AND ($6 = 0 OR r.run = $6)
		), claimed AS (
		    INSERT INTO claim (lane, run, operation, relations)
		    SELECT $2, $3, $4, array_agg(id ORDER BY id) FROM doubt HAVING count(*) > 0
		    RETURNING id
		)
		SELECT c.id, d.* FROM claimed c, doubt d ORDER BY d.id`,
		stale, l.id, l.scope.Run, l.scope.Operation, l.from(), l.scope.Undo)
	for i := range items {
		items[i].Doubt = true
		l.skip[items[i].ID] = true
	}
	return items, true, err
}

// from is the state in which the scope's relations wait.
func (l *Lane) from() importer.State {
	if l.scope.Operation == Delete {
		return importer.Created
	}
	return importer.Pending
}

// nextPending claims the next pending relations that the scope's imports name.
func (l *Lane) nextPending(ctx context.Context, conn *pgx.Conn, n int) ([]importer.Item, error) {
	for l.cursor.part < len(l.scope.Parts) {
		items, err := l.take(ctx, conn, `
			WITH next AS MATERIALIZED (
			    SELECT w.line::bigint AS line, r.id, u.association, r.first, r.second, r.remote_id, r.attempts, false AS uncertain
			    FROM row w
			    JOIN relation r ON r.id = w.relation
			    JOIN unit u ON u.id = r.unit
			    WHERE w.import = $1 AND w.lane = $2 AND w.line / 256 >= $3 / 256 AND w.line > $3 AND NOT w.repeated
			      AND r.state = 'pending' AND r.id <> ALL ($4::bigint[])
			      AND (NOT $5 OR r.run = $6)
			    ORDER BY w.line / 256, w.line LIMIT $7
			), claimed AS (
			    INSERT INTO claim (lane, run, operation, relations)
			    SELECT $2, $6, 'create', array_agg(id ORDER BY line) FROM next HAVING count(*) > 0
			    RETURNING id
			)
			SELECT c.id, n.* FROM claimed c, next n ORDER BY n.line`,
			l.scope.Parts[l.cursor.part].Import, l.id, l.cursor.line, keys(l.skip),
			l.scope.Marked, l.scope.Run, n)
		if err != nil || len(items) > 0 {
			return items, err
		}
		l.start(l.cursor.part + 1)
		for id := range l.outstanding {
			l.skip[id] = true
		}
	}
	return nil, nil
}

// pickPage is how many picks a claiming statement looks through at most.
const pickPage = 2000

// nextCreated claims the next relations that the errand picked of what the
// scope's run created, a page of picks at a time: with statistics from before
// they were picked, the planner would else turn the join around and read all of
// them for each relation. One whose own id is not known cannot be deleted.
func (l *Lane) nextCreated(ctx context.Context, conn *pgx.Conn, n int) ([]importer.Item, error) {
	for {
		end := cursor{}
		err := conn.QueryRow(ctx, `
			SELECT key, relation FROM (
			    SELECT key, relation FROM pick
			    WHERE errand = $1 AND lane = $2 AND (key, relation) > ($3, $4)
			    ORDER BY key, relation LIMIT $5
			) page ORDER BY key DESC, relation DESC LIMIT 1`,
			l.scope.Errand, l.id, l.cursor.key, l.cursor.id, pickPage).Scan(&end.key, &end.id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		items, err := l.take(ctx, conn, `
			WITH page AS MATERIALIZED (
			    SELECT key, relation FROM pick
			    WHERE errand = $1 AND lane = $2 AND (key, relation) > ($3, $4) AND (key, relation) <= ($5, $6)
			    ORDER BY key, relation
			), next AS MATERIALIZED (
			    SELECT p.key AS line, r.id, u.association, r.first, r.second, r.remote_id, r.attempts, false AS uncertain
			    FROM page p
			    CROSS JOIN LATERAL (SELECT * FROM relation WHERE id = p.relation OFFSET 0) r
			    JOIN unit u ON u.id = r.unit
			    WHERE r.run = $7 AND r.state = 'created' AND r.remote_id IS NOT NULL AND r.id <> ALL ($8::bigint[])
			    ORDER BY p.key, p.relation LIMIT $9
			), claimed AS (
			    INSERT INTO claim (lane, run, operation, relations)
			    SELECT $2, $10, 'delete', array_agg(id ORDER BY line, id) FROM next HAVING count(*) > 0
			    RETURNING id
			)
			SELECT c.id, n.* FROM claimed c, next n ORDER BY n.line, n.id`,
			l.scope.Errand, l.id, l.cursor.key, l.cursor.id, end.key, end.id, l.scope.Undo, keys(l.skip), n, l.scope.Run)
		if err != nil {
			return nil, err
		}
		for i := range items {
			l.cursor.key, l.cursor.id = items[i].Line, items[i].ID
			items[i].Line = 0
		}
		if len(items) > 0 {
			return items, nil
		}
		l.cursor = end
	}
}

// take runs a claiming statement and remembers what it claimed. The cursor
// moves only when the statement has succeeded.
func (l *Lane) take(ctx context.Context, conn *pgx.Conn, sql string, args ...any) ([]importer.Item, error) {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	items := []importer.Item{}
	var last claimed
	_, err = pgx.ForEachRow(rows, []any{
		&last.Claim, &last.Line, &last.ID, &last.Association, &last.First, &last.Second,
		&last.RemoteID, &last.Attempts, &last.Uncertain,
	}, func() error {
		item := importer.Item{
			ID: last.ID, Line: last.Line,
			Relation: importer.Relation{
				Location: l.location, Association: last.Association, First: last.First, Second: last.Second,
			},
			Attempts: last.Attempts,
		}
		if last.RemoteID != nil {
			item.RelationID = *last.RemoteID
		}
		items = append(items, item)
		return nil
	})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	l.left[last.Claim] = len(items)
	items = slices.DeleteFunc(items, func(item importer.Item) bool {
		before, flying := l.outstanding[item.ID]
		l.outstanding[item.ID] = last.Claim
		if !flying {
			return false
		}
		if l.left[before]--; l.left[before] == 0 {
			delete(l.left, before)
		}
		return true
	})
	if last.Line > 0 {
		l.cursor.line = last.Line
	}
	return items, nil
}

// keys is never nil: nil would be NULL, and nothing is unequal to NULL.
func keys[V any](m map[int64]V) []int64 {
	ids := make([]int64, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	return ids
}
