package checkpoint

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// An Errand is what an undo or a verify goes through, picked once before its
// first call and kept until it is through: typed again, it carries on. Picked,
// because no index of relation knows its run (an index on a column that a
// settlement changes would make every settlement dearer), and one pass over the
// table is cheap where one for each lane is not.
type Errand struct {
	ID    int64
	Begun time.Time
	Old   bool // it had been begun before

	store *Store
}

// An Answer says what the service's lists tell of a pair.
type Answer string

// The answers.
const (
	Present Answer = "present"
	Missing Answer = "missing"
	Unknown Answer = "unknown" // the service would not list the record's relations
)

// Undoing picks what a run created: relations of uncertain origin only if they
// are asked for. What was picked before and is undone stays undone.
func (s *Store) Undoing(ctx context.Context, run int64, uncertain bool) (*Errand, error) {
	return s.errand(ctx, fmt.Sprintf("undo run %d, uncertain %t", run, uncertain), `
		SELECT u.lane, r.first, r.id
		FROM relation r JOIN unit u ON u.id = r.unit JOIN lane l ON l.id = u.lane
		WHERE l.target = $2 AND r.run = $3 AND r.state = 'created' AND r.uncertain <= $4`,
		run, uncertain)
}

// Verifying picks what is said to be there: of one import or (0) of all, and
// of that a random sample of so many or (0) everything.
func (s *Store) Verifying(ctx context.Context, imported, sample int64) (*Errand, error) {
	limit := &sample
	if sample == 0 {
		limit = nil // LIMIT NULL is none
	}
	// A join, which costs one pass over both, whatever the planner believes; an
	// IN may be searched anew for each relation.
	from, within := ``, `$3 = 0`
	if imported > 0 {
		from, within = `JOIN row w ON w.relation = r.id`, `w.import = $3 AND NOT w.repeated`
	}
	return s.errand(ctx, fmt.Sprintf("verify import %d, sample %d", imported, sample), `
		SELECT u.lane, r.first, r.id
		FROM relation r JOIN unit u ON u.id = r.unit JOIN lane l ON l.id = u.lane `+from+`
		WHERE l.target = $2 AND r.state IN ('created', 'existing') AND `+within+`
		ORDER BY CASE WHEN $4::bigint IS NULL THEN 0 ELSE random() END LIMIT $4`,
		imported, limit)
}

// errand finds the errand that was begun for a purpose and not ended, or
// begins one, in one transaction. picks begins with parameter $3.
func (s *Store) errand(ctx context.Context, purpose, picks string, args ...any) (*Errand, error) {
	e := &Errand{store: s}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Two at a time would both find none.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(lockErrand)); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `
			SELECT id, begun_at, true FROM errand WHERE target = $1 AND purpose = $2 AND ended_at IS NULL`,
			s.target, purpose).Scan(&e.ID, &e.Begun, &e.Old)
		if err != pgx.ErrNoRows {
			return err
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO errand (target, purpose) VALUES ($1, $2) RETURNING id, begun_at`,
			s.target, purpose).Scan(&e.ID, &e.Begun)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO pick (errand, lane, key, relation)
			SELECT $1, lane, hashtextextended(first, 0) & 9223372036854775807, id FROM (`+picks+`) picked`,
			append([]any{e.ID, s.target}, args...)...)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `ANALYZE pick`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("picking relations: %w", err)
	}
	return e, nil
}

// A Stretch is what an errand has in one lane.
type Stretch struct {
	Lane     int64
	Location string
	Picked   int64
	Created  int64 // of them, in state created
}

// Stretches lists the lanes of an errand.
func (e *Errand) Stretches(ctx context.Context) ([]Stretch, error) {
	rows, err := e.store.pool.Query(ctx, `
		SELECT p.lane, l.location, count(*), count(*) FILTER (WHERE r.state = 'created')
		FROM pick p JOIN relation r ON r.id = p.relation JOIN lane l ON l.id = p.lane
		WHERE p.errand = $1 GROUP BY p.lane, l.location ORDER BY l.location`, e.ID)
	if err != nil {
		return nil, fmt.Errorf("counting what is picked: %w", err)
	}
	stretches, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Stretch])
	if err != nil {
		return nil, fmt.Errorf("counting what is picked: %w", err)
	}
	return stretches, nil
}

// Left counts the anchors of each lane that Anchors would return in that round.
func (e *Errand) Left(ctx context.Context, round int, nameless bool) (map[int64]int64, error) {
	rows, err := e.store.pool.Query(ctx, `
		SELECT p.lane::bigint, count(DISTINCT p.key) FROM pick p JOIN relation r ON r.id = p.relation
		WHERE p.errand = $1 AND p.answer IS NULL AND p.tries < $2
		  AND (NOT $3 OR r.state = 'created' AND r.remote_id IS NULL)
		GROUP BY p.lane`, e.ID, round, nameless)
	if err != nil {
		return nil, fmt.Errorf("counting what is left: %w", err)
	}
	left := map[int64]int64{}
	var lane, n int64
	_, err = pgx.ForEachRow(rows, []any{&lane, &n}, func() error {
		left[lane] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("counting what is left: %w", err)
	}
	return left, nil
}

// End forgets what was picked: the errand is through.
func (e *Errand) End(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, e.store.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM pick WHERE errand = $1`, e.ID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE errand SET ended_at = now() WHERE id = $1`, e.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("ending the errand: %w", err)
	}
	return nil
}

// Nameless counts the picked relations that are created and whose own id is
// not known: they cannot be deleted.
func (e *Errand) Nameless(ctx context.Context) (n int64, err error) {
	err = e.store.pool.QueryRow(ctx, `
		SELECT count(*) FROM pick p JOIN relation r ON r.id = p.relation
		WHERE p.errand = $1 AND p.answer IS NOT NULL AND r.state = 'created' AND r.remote_id IS NULL`, e.ID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting relations without an id: %w", err)
	}
	return n, nil
}
