package checkpoint

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relink/importer"
)

// Pulse adds what a lane did since the last pulse to its minute.
func (r *Run) Pulse(ctx context.Context, lane int64, c importer.Counts) error {
	_, err := r.store.pool.Exec(ctx, `
		INSERT INTO pulse AS p (run, lane, minute, sent, throttled, unclear, created, existing, failed, undone)
		VALUES ($1, $2, date_trunc('minute', now()), $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (lane, minute, run) DO UPDATE
		SET sent = p.sent + EXCLUDED.sent, throttled = p.throttled + EXCLUDED.throttled,
		    unclear = p.unclear + EXCLUDED.unclear, created = p.created + EXCLUDED.created,
		    existing = p.existing + EXCLUDED.existing, failed = p.failed + EXCLUDED.failed,
		    undone = p.undone + EXCLUDED.undone`,
		r.ID, lane, c.Sent, c.Throttled, c.Unclear, c.Created, c.Existing, c.Failed, c.Undone)
	if err != nil {
		return fmt.Errorf("recording the lane's progress: %w", err)
	}
	return nil
}

// SpentToday is how many calls each lane of the target made in the last 24
// hours, by lane id: our own count, to the minute.
func (s *Store) SpentToday(ctx context.Context) (map[int64]int64, error) {
	return again(ctx, func() (map[int64]int64, error) { return s.spentToday(ctx) })
}

func (s *Store) spentToday(ctx context.Context) (map[int64]int64, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT p.lane::bigint, sum(p.sent)::bigint FROM pulse p JOIN lane l ON l.id = p.lane
		WHERE l.target = $1 AND p.minute > now() - interval '24 hours'
		GROUP BY p.lane`, s.target)
	if err != nil {
		return nil, fmt.Errorf("counting the day's calls: %w", err)
	}
	spent := map[int64]int64{}
	var lane, sent int64
	if _, err := pgx.ForEachRow(rows, []any{&lane, &sent}, func() error {
		spent[lane] = sent
		return nil
	}); err != nil {
		return nil, fmt.Errorf("counting the day's calls: %w", err)
	}
	return spent, nil
}
