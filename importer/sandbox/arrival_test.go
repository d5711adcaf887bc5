package sandbox

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestNoWindowHoldsMoreThanMax(t *testing.T) {
	const most = 40
	interval := 50 * time.Millisecond
	s := mustNew(t, Config{Limit: Limit{Max: most, Interval: interval, Daily: -1}})
	b := s.buckets.of("L")
	var mu sync.Mutex
	var passed []time.Duration // somewhere between before and after the call
	var wg sync.WaitGroup
	begun := time.Now()
	for range 8 {
		wg.Go(func() {
			for time.Since(begun) < 6*interval {
				before := time.Since(begun)
				if q := b.arrive(true, 0); !q.spent {
					mu.Lock()
					passed = append(passed, before)
					mu.Unlock()
				}
				time.Sleep(100 * time.Microsecond)
			}
		})
	}
	wg.Wait()
	if len(passed) < 4*most || len(passed) > 7*most {
		t.Errorf("got %d through in 6 intervals, want about %d", len(passed), 6*most)
	}
	if got := s.Stats(); got.MostPassed != most || got.Throttled == 0 {
		t.Errorf("got %d at most, want %d; throttled %d", got.MostPassed, most, got.Throttled)
	}
}

func TestMostArrivalsIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 20 {
		synctest.Test(t, func(t *testing.T) {
			limit := Limit{Max: 1 + rng.IntN(8), Interval: 10 * time.Second}
			s := mustNew(t, Config{Limit: limit})
			b := s.buckets.of("L")
			var all, passed []time.Time
			for range 300 {
				time.Sleep(time.Duration(rng.IntN(5)) * time.Duration(rng.IntN(2_000)) * time.Millisecond)
				all = append(all, time.Now())
				if !b.arrive(true, 0).spent {
					passed = append(passed, time.Now())
				}
			}
			got := s.Stats()
			if want := brute(all, limit.Interval); got.MostArrivals != want {
				t.Errorf("round %d: got %d arrivals, want %d", round, got.MostArrivals, want)
			}
			if want := brute(passed, limit.Interval); got.MostPassed != want || want > limit.Max {
				t.Errorf("round %d: got %d passed, want %d, at most %d", round, got.MostPassed, want, limit.Max)
			}
			fixed := map[int64]int{}
			want := 0
			for _, at := range all {
				w := at.UnixNano() / int64(limit.Interval)
				fixed[w]++
				want = max(want, fixed[w])
			}
			if got.MostFixed != want {
				t.Errorf("round %d: got %d in a fixed window, want %d", round, got.MostFixed, want)
			}
		})
	}
}

// brute is the most of these instants that any window of this length holds.
func brute(at []time.Time, length time.Duration) (most int) {
	for _, end := range at {
		n := 0
		for _, one := range at {
			if !one.After(end) && one.After(end.Add(-length)) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}
