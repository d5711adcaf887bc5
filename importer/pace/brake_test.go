package pace

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
)

func waitFor(t *testing.T, l *Lane) time.Duration {
	t.Helper()
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 48*time.Hour)
	defer cancel()
	if err := l.Wait(ctx); err != nil {
		t.Fatalf("Wait: %v", err)
	}
	return time.Since(start)
}

func TestHold(t *testing.T) {
	cases := []struct {
		why    string
		asked  Rate
		after  []time.Duration // RetryAfter of 429s at one moment
		lo, hi time.Duration
	}{
		{"interval", Rate{100, 10 * time.Second}, []time.Duration{0}, 10 * time.Second, 11 * time.Second},
		{"no interval known", Rate{}, []time.Duration{0}, 10 * time.Second, 11 * time.Second},
		{"negative", Rate{30, time.Second}, []time.Duration{-1}, time.Second, 1100 * time.Millisecond},
		{"told", Rate{100, 10 * time.Second}, []time.Duration{3 * time.Second}, 3 * time.Second, 3300 * time.Millisecond},
		{"many are one", Rate{100, 10 * time.Second}, []time.Duration{0, 0, 0, 0, 0}, 10 * time.Second, 11 * time.Second},
		{"the longest counts", Rate{100, 10 * time.Second}, []time.Duration{2 * time.Second, 30 * time.Second, 4 * time.Second}, 30 * time.Second, 33 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New(Config{Rate: c.asked})
				waitFor(t, l)
				l.Answered(importer.Quota{})
				for _, after := range c.after {
					l.Hold(importer.Reply{RetryAfter: after})
				}
				if got := waitFor(t, l); got < c.lo || got > c.hi {
					t.Errorf("held for %v, want %v to %v", got, c.lo, c.hi)
				}
				stats := l.Stats()
				if stats.Throttled != len(c.after) || stats.Held < c.lo || stats.Held > c.hi {
					t.Errorf("got %d throttled, held %v; want %d, %v to %v", stats.Throttled, stats.Held, len(c.after), c.lo, c.hi)
				}
				if stats.Pace != slower {
					t.Errorf("pace after it: got %v, want %v", stats.Pace, slower)
				}
				time.Sleep(recovers + time.Second)
				if got := l.Stats().Pace; got != 1 {
					t.Errorf("pace later: got %v, want 1", got)
				}
			})
		})
	}
}

// A Wait that sleeps already is held too.
func TestHoldMovesSleeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}})
		for range blankAnswers {
			waitFor(t, l)
			l.Answered(importer.Quota{})
		}
		go func() {
			time.Sleep(time.Millisecond)
			l.Hold(importer.Reply{RetryAfter: time.Minute})
		}()
		if got := waitFor(t, l); got < time.Minute {
			t.Errorf("waited %v, want the hold's minute at least", got)
		}
	})
}

func TestBrakeSlowsAgain(t *testing.T) {
	var b brake
	b.hold(0, time.Second, false)
	b.started = 1
	b.hold(2*time.Second, time.Second, false)
	if got := b.pace(2 * time.Second); got >= slower || got < slower*slower {
		t.Errorf("pace after two: got %v, want below %v", got, slower)
	}
	if got := b.steps(3 * time.Second); got != 2 {
		t.Errorf("steps after two: got %d, want 2", got)
	}
	if got := b.steps(4*time.Second + 2*wary); got != 0 {
		t.Errorf("steps later: got %d, want 0", got)
	}
	for i := range 100 {
		b.started = 1
		b.hold(time.Duration(i)*time.Second, time.Second, false)
	}
	if got := b.pace(100 * time.Second); got < slowest || b.steps(100*time.Second) > mostWary {
		t.Errorf("after a storm: pace %v, steps %d", got, b.steps(100*time.Second))
	}
}

// 429s to calls of before the hold do not prolong it, and holds differ.
func TestBrakeStragglers(t *testing.T) {
	ends := map[time.Duration]bool{}
	for range 20 {
		var b brake
		b.hold(0, 10*time.Second, false)
		b.hold(5*time.Second, 10*time.Second, false)
		if b.until > 11*time.Second || b.throttled != 2 {
			t.Errorf("got %d throttled, held until %v; want 2, 10s to 11s", b.throttled, b.until)
		}
		ends[b.until] = true
	}
	if len(ends) < 2 {
		t.Error("all holds are equally long")
	}
}
