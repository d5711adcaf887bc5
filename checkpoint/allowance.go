package checkpoint

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// An Allowance is what a lane last knew of its location's limits, and had spent
// of them, for the run after it. Ages and not times are told, by the database's
// clock: the runs may be of two machines.
type Allowance struct {
	Lane     int64
	Location string        // as Allowances tells it
	Age      time.Duration // since it was recorded, as Allowances tells it
	Open     bool          // the run had not ended by then: it may have made calls since

	Max      int           // calls in an interval, as the service told; 0 unknown
	Interval time.Duration // of those

	Span     time.Duration // the interval that was kept to; 0: none
	InFlight int           // calls that had not ended
	Ended    []int32       // calls that ended in each step of Span before, the latest first

	DailyLimit     int       // as the service told; 0 unknown
	DailyRemaining int       // as the service told; below 0 unknown
	DailyReset     time.Time // zero unknown
}

// Record writes allowances in place of what was known of their lanes, in one
// statement. Each of them must have as many steps as the others.
func (s *Store) Record(ctx context.Context, allowances ...Allowance) error {
	n := len(allowances)
	if n == 0 {
		return nil
	}
	steps := len(allowances[0].Ended)
	lanes, open := make([]int64, n), make([]bool, n)
	most, intervals, spans := make([]int64, n), make([]time.Duration, n), make([]time.Duration, n)
	flying, limits, left := make([]int64, n), make([]int64, n), make([]int64, n)
	resets := make([]*time.Time, n)
	ended := make([]int32, 0, n*steps)
	for i, a := range allowances {
		lanes[i], open[i], most[i], intervals[i], spans[i] = a.Lane, a.Open, int64(a.Max), a.Interval, a.Span
		flying[i], limits[i], left[i] = int64(a.InFlight), int64(a.DailyLimit), int64(a.DailyRemaining)
		if !a.DailyReset.IsZero() {
			resets[i] = &a.DailyReset
		}
		ended = append(ended, a.Ended...)
	}
	_, err := s.pool.Exec(ctx, `
		INSERT INTO allowance (lane, recorded_at, open, told_max, told_interval, span, in_flight, ended,
		                       daily_limit, daily_remaining, daily_reset)
		SELECT a.lane, clock_timestamp(), a.open, a.told_max, a.told_interval, a.span, a.in_flight,
		       ($11::integer[])[(a.n - 1) * $12 + 1 : a.n * $12],
		       nullif(a.daily_limit, 0), CASE WHEN a.daily_remaining >= 0 THEN a.daily_remaining END, a.daily_reset
		FROM unnest($1::bigint[], $2::boolean[], $3::bigint[], $4::interval[], $5::interval[], $6::bigint[],
		            $7::bigint[], $8::bigint[], $9::timestamptz[]) WITH ORDINALITY
		  AS a (lane, open, told_max, told_interval, span, in_flight, daily_limit, daily_remaining, daily_reset, n)
		JOIN lane l ON l.id = a.lane AND l.target = $10
		ON CONFLICT (lane) DO UPDATE
		SET recorded_at = EXCLUDED.recorded_at, open = EXCLUDED.open, told_max = EXCLUDED.told_max,
		    told_interval = EXCLUDED.told_interval, span = EXCLUDED.span, in_flight = EXCLUDED.in_flight,
		    ended = EXCLUDED.ended, daily_limit = EXCLUDED.daily_limit,
		    daily_remaining = EXCLUDED.daily_remaining, daily_reset = EXCLUDED.daily_reset`,
		lanes, open, most, intervals, spans, flying, limits, left, resets, s.target, ended, int64(steps))
	if err != nil {
		return fmt.Errorf("recording what is left of the allowance: %w", err)
	}
	return nil
}

// Allowances tells what is known of these lanes, or of all of the target's, by
// lane id; those of which nothing is known are missing.
func (s *Store) Allowances(ctx context.Context, lanes ...int64) (map[int64]Allowance, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT a.lane, l.location, clock_timestamp() - a.recorded_at AS age, a.open,
		       a.told_max AS max, a.told_interval AS interval, a.span, a.in_flight, a.ended,
		       coalesce(a.daily_limit, 0) AS daily_limit, coalesce(a.daily_remaining, -1) AS daily_remaining,
		       coalesce(a.daily_reset, '0001-01-01 00:00:00Z') AS daily_reset
		FROM allowance a JOIN lane l ON l.id = a.lane
		WHERE l.target = $1 AND (cardinality($2::bigint[]) = 0 OR a.lane = ANY ($2))`,
		s.target, append([]int64{}, lanes...))
	if err != nil {
		return nil, fmt.Errorf("reading what was left of the allowance: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Allowance])
	if err != nil {
		return nil, fmt.Errorf("reading what was left of the allowance: %w", err)
	}
	known := make(map[int64]Allowance, len(found))
	for _, a := range found {
		known[a.Lane] = a
	}
	return known, nil
}
