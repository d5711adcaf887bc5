package pace

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
)

func rows(t *testing.T, s *service, n int, config Config) *engine {
	t.Helper()
	return &engine{
		lane: New(config), service: s, workers: 16, calls: n, random: rand.New(rand.NewPCG(7, 7)),
		network: between(20*time.Millisecond, 80*time.Millisecond),
	}
}

func TestColdStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(Rate{100, 10 * time.Second})
		start := time.Now()
		if err := rows(t, s, 600, Config{Rate: s.limit}).run(t.Context()); err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		t.Logf("600 rows took %v", took)
		if took > 61*time.Second || len(s.throttled) > 0 {
			t.Errorf("got %v and %d × 429, want at most 61 s and none", took, len(s.throttled))
		}
	})
}

// Untold of the killed run, it learns from its first answer, made alone.
func TestRestartUntold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(Rate{100, 10 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		rows(t, s, 600, Config{Rate: s.limit}).run(ctx)
		time.Sleep(300 * time.Millisecond)
		if err := rows(t, s, 200, Config{Rate: s.limit}).run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(s.throttled) > 0 {
			t.Errorf("got %d × 429, want none", len(s.throttled))
		}
	})
}

// A lane starts with one call, and the next waits for its answer.
func TestStartsWithOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}})
		waitFor(t, l)
		go func() {
			time.Sleep(5 * time.Second)
			l.Answered(importer.Quota{Max: 25, Interval: 10 * time.Second, Remaining: 24, HasRemaining: true})
		}()
		if got := waitFor(t, l); got != 5*time.Second {
			t.Errorf("the second waited %v, want 5s", got)
		}
		if got := l.Stats(); got.Window.String() != "25/10s" || got.Others != 0 || got.Share != 2.0/25 {
			t.Errorf("got %+v, want 25/10s, 2 of them used and none by others", got)
		}
	})
}

// A process that was stopped for a while does not fire all at once when it wakes.
func TestNoBurstAfterPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}})
		for range blankAnswers {
			waitFor(t, l)
			l.Answered(importer.Quota{})
		}
		time.Sleep(time.Hour)
		start := time.Now()
		for range 50 {
			waitFor(t, l)
			l.Answered(importer.Quota{})
		}
		if got := time.Since(start); got < 3900*time.Millisecond {
			t.Errorf("50 calls took %v, want 10 at once and the others at 10/s", got)
		}
	})
}

func TestUnused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{2, 10 * time.Second}, DailyLimit: 3})
		for range 20 {
			waitFor(t, l)
			l.Unused()
		}
		if got := l.Stats(); got.InFlight != 0 || got.Share != 0 || got.DailyRemaining != 3 {
			t.Errorf("got %+v, want nothing used", got)
		}
	})
}

func TestWaitHonoursContext(t *testing.T) {
	causes := map[string]func(l *Lane){
		"probe": func(l *Lane) {},
		"hold":  func(l *Lane) { l.Answered(importer.Quota{}); l.Hold(importer.Reply{}) },
		"slots": func(l *Lane) {
			l.Answered(importer.Quota{Max: 1, Interval: time.Hour, HasRemaining: true})
		},
		"day": func(l *Lane) { l.Answered(importer.Quota{HasDailyRemaining: true}) },
	}
	for name, cause := range causes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New(Config{Rate: Rate{100, 10 * time.Second}, WaitForQuota: true})
				waitFor(t, l)
				cause(l)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				start := time.Now()
				err := l.Wait(ctx)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
					t.Errorf("got %v after %v, want the context's error after 5s", err, time.Since(start))
				}
				if err := l.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("with an ended context: got %v", err)
				}
			})
		})
	}
}

// A slot stays a little longer than its interval: clocks run apart, and some
// services count the window's both ends.
func TestSlotOutlastsInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{1, 10 * time.Second}})
		waitFor(t, l)
		l.Answered(importer.Quota{})
		if got := waitFor(t, l); got < 10*time.Second+500*time.Microsecond || got > 10*time.Second+10*time.Millisecond {
			t.Errorf("waited %v, want a little more than 10s", got)
		}
	})
}

// Limits that are raised again wake a Wait that sleeps on the low ones.
func TestRaisedLimitWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}})
		tell := func(n, used int) {
			l.Answered(importer.Quota{Max: n, Interval: 10 * time.Second, Remaining: n - used, HasRemaining: true})
		}
		waitFor(t, l)
		tell(3, 1)
		waitFor(t, l)
		waitFor(t, l)
		go func() {
			time.Sleep(10 * time.Millisecond)
			tell(100, 3)
		}()
		if got := waitFor(t, l); got > 200*time.Millisecond {
			t.Errorf("waited %v after the limit was raised", got)
		}
	})
}

// After a pause the bucket is unknown again: one call, and its answer, go first.
func TestStaleProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}})
		fresh := importer.Quota{Max: 100, Interval: 10 * time.Second, Remaining: 99, HasRemaining: true}
		waitFor(t, l)
		l.Answered(fresh)
		time.Sleep(time.Minute)
		waitFor(t, l)
		go func() {
			time.Sleep(2 * time.Second)
			l.Answered(fresh)
		}()
		if got := waitFor(t, l); got != 2*time.Second {
			t.Errorf("the second waited %v, want the answer's 2s", got)
		}
	})
}
