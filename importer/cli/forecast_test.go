package cli

import (
	"testing"
	"time"

	"relink/checkpoint"
	"relink/importer/pace"
)

// What is known of the day comes from the service if it told an earlier run, and
// from our own count if not.
func TestOutlook(t *testing.T) {
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	asked := outlook{rate: pace.Rate{Max: 100, Interval: 10 * time.Second}, limit: 200_000}
	told := checkpoint.Allowance{Max: 25, Interval: 10 * time.Second, DailyLimit: 10_000, DailyRemaining: 4_000, DailyReset: now.Add(time.Hour)}
	cases := []struct {
		name        string
		known       checkpoint.Allowance
		spent       int64
		reserve     int
		rate        float64
		limit, left int64
		days        int64
	}{
		{"nothing known", checkpoint.Allowance{}, 0, 0, 10, 200_000, 200_000, 1},
		{"our own count", checkpoint.Allowance{}, 195_000, 0, 10, 200_000, 5_000, 2},
		{"our own count, beyond it", checkpoint.Allowance{}, 250_000, 0, 10, 200_000, 0, 2},
		{"told", told, 195_000, 0, 2.5, 10_000, 4_000, 2},
		{"told, with a reserve", told, 0, 3_500, 2.5, 6_500, 500, 3},
		{"told yesterday", with(told, func(a *checkpoint.Allowance) { a.DailyReset = now.Add(-time.Hour) }), 0, 0, 2.5, 10_000, -1, 1},
		{"told no reset, lately", with(told, func(a *checkpoint.Allowance) { a.DailyReset = time.Time{} }), 0, 0, 2.5, 10_000, 4_000, 2},
		{"told no reset, long ago", with(told, func(a *checkpoint.Allowance) { a.DailyReset, a.Age = time.Time{}, 25*time.Hour }), 0, 0, 2.5, 10_000, -1, 1},
		{"a reserve above the quota", told, 0, 20_000, 2.5, 0, -1, 1},
	}
	for _, c := range cases {
		o := asked
		o.reserve = c.reserve
		o.known = map[string]checkpoint.Allowance{"loc": c.known}
		o.spent = map[string]int64{"loc": c.spent}
		f := o.forecast("loc", 10_000, now)
		if f.Rate != c.rate || f.DailyLimit != c.limit || f.DailyLeft != c.left || f.Days() != c.days {
			t.Errorf("%s: got %v/s, %d of %d a day, %d days; want %v/s, %d of %d, %d days",
				c.name, f.Rate, f.DailyLeft, f.DailyLimit, f.Days(), c.rate, c.left, c.limit, c.days)
		}
	}
}

func with(a checkpoint.Allowance, change func(*checkpoint.Allowance)) checkpoint.Allowance {
	change(&a)
	return a
}
