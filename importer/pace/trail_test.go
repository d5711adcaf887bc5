package pace

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
)

// A run that is killed and started again inside a window, several times, follows
// the trail of the one before: no 429, and a second or so lost for each.
func TestFollow(t *testing.T) {
	for _, headers := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := newService(Rate{100, 10 * time.Second})
			if !headers {
				s.quota = func(importer.Quota) importer.Quota { return importer.Quota{} }
			}
			start := time.Now()
			var kept kept
			for _, life := range []time.Duration{3 * time.Second, 22 * time.Second, 700 * time.Millisecond, time.Hour} {
				e := rows(t, s, 600-len(s.mine), Config{Rate: s.limit})
				ctx, cancel := context.WithTimeout(t.Context(), life)
				kept.follow(ctx, e.lane, 500*time.Millisecond)
				e.run(ctx)
				cancel()
				time.Sleep(300 * time.Millisecond)
			}
			took := time.Since(start)
			t.Logf("headers %v: 600 rows over three kills took %v", headers, took)
			if took > 70*time.Second || len(s.mine) != 600 || len(s.throttled) > 0 {
				t.Errorf("got %d rows in %v and %d × 429, want 600 in at most 70 s and none", len(s.mine), took, len(s.throttled))
			}
		})
	}
}

// What a trail tells, and what is made of it.
func TestTrail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := Rate{10, 10 * time.Second}
		first := New(Config{Rate: rate})
		waitFor(t, first)
		first.Answered(importer.Quota{Max: 5, Interval: 10 * time.Second, Remaining: 4, HasRemaining: true})
		time.Sleep(4 * time.Second)
		waitFor(t, first)
		trail := first.Trail()
		if trail.Told != (Rate{5, 10 * time.Second}) || trail.InFlight != 1 || trail.Ended[8] != 1 {
			t.Fatalf("got %+v, want one call in flight, one ended 4 s before, and 5 in 10 s told", trail)
		}
		if trail.DailyLimit != 0 || trail.DailyRemaining != -1 || !trail.DailyReset.IsZero() {
			t.Errorf("got %+v, want nothing known of the day", trail)
		}
		cases := []struct {
			name string
			past Past
			want int // slots held
		}{
			{"ended at once", Past{}, 2},
			{"ended 5.9 s ago", Past{Age: 5900 * time.Millisecond}, 2},
			{"ended 7 s ago", Past{Age: 7 * time.Second}, 1},
			{"ended 11 s ago", Past{Age: 11 * time.Second}, 0},
			{"killed at once", Past{Open: true}, 2 + 1},
			{"killed 2 s ago", Past{Age: 2 * time.Second, Open: true}, 2 + 1 + 1},
			{"killed 12 s ago", Past{Age: 12 * time.Second, Open: true}, 1 + 1 + 2},
			{"killed 14 s ago", Past{Age: 14 * time.Second, Open: true}, 0},
			{"by a clock that went back", Past{Age: -time.Hour}, 2},
		}
		for _, c := range cases {
			l := New(Config{Rate: rate})
			l.Follow(trail, c.past)
			if got := l.slots.held(); got != c.want || l.Stats().Window != trail.Told {
				t.Errorf("%s: got %d slots held of %v, want %d of %v", c.name, got, l.Stats().Window, c.want, trail.Told)
			}
		}
	})
}

// However many calls a trail tells of, they hold back no more than a window,
// and the latest of them count.
func TestTrailBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{10, 10 * time.Second}})
		trail := Trail{Span: 10 * time.Second, InFlight: 4}
		trail.Ended[0], trail.Ended[10] = 4, 1000
		l.Follow(trail, Past{})
		if got := l.slots.held(); got != 10 {
			t.Errorf("got %d slots held, want 10", got)
		}
		if got := waitFor(t, l); got < 4*time.Second || got > 6*time.Second {
			t.Errorf("waited %v, want about 5 s: for the oldest that counts", got)
		}
	})
}

// What the answers told of the day stands in the trail.
func TestTrailDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{DailyReserve: 5})
		waitFor(t, l)
		reset := time.Now().Add(time.Hour)
		l.Answered(importer.Quota{DailyLimit: 50, DailyRemaining: 49, HasDailyRemaining: true, DailyReset: reset})
		waitFor(t, l)
		got := l.Trail()
		if got.DailyLimit != 50 || got.DailyRemaining != 48 || !got.DailyReset.Equal(reset) {
			t.Errorf("got %d of %d until %v, want 48 of 50 until %v", got.DailyRemaining, got.DailyLimit, got.DailyReset, reset)
		}
	})
}
