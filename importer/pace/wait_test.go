package pace

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
)

func left(n int) importer.Quota {
	return importer.Quota{Max: 100, Interval: 10 * time.Second, Remaining: n, HasRemaining: true}
}

// blocked fails when a call may start within the time given.
func blocked(t *testing.T, l *Lane, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := l.Wait(ctx); err == nil {
		t.Fatalf("a call may start within %v, want none", d)
	}
}

// With a full bucket and nothing of ours in it, nothing is tried for an interval.
func TestFullBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}})
		waitFor(t, l)
		l.Answered(importer.Quota{Max: 100, Interval: 10 * time.Second, HasRemaining: true})
		if got := waitFor(t, l); got < 10*time.Second || got > 11*time.Second {
			t.Errorf("waited %v, want an interval", got)
		}
	})
}

// What the last answer left is not exceeded while others share the bucket: not
// by calls that it may not have counted, nor when our own slots come free, which
// in a fixed window makes no room.
func TestRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}})
		trail := Trail{Span: 10 * time.Second}
		trail.Ended[trailSteps-1] = 60 // 9.5 s ago
		l.Follow(trail, Past{})
		waitFor(t, l)
		l.Answered(left(38)) // 62 used, 61 of them ours
		for range 3 {
			waitFor(t, l)
		}
		l.Answered(left(3)) // with two in flight, so there is room for one
		waitFor(t, l)
		blocked(t, l, 2*time.Second)
		l.Answered(left(90))
		waitFor(t, l)
		for range 3 {
			l.Answered(left(0))
		}
		blocked(t, l, 9*time.Second)
	})
}

// A first answer that was lost does not set a lane without limits free.
func TestProbesOnLostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{})
		waitFor(t, l)
		l.Answered(importer.Quota{})
		waitFor(t, l)
		blocked(t, l, time.Minute)
	})
}

// After a hold one call goes, and its answer comes before the next. Then, the
// full pace being back, a step of the window stays unused for some minutes.
func TestAfterHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}})
		for range blankAnswers {
			waitFor(t, l)
			l.Answered(importer.Quota{})
		}
		l.Hold(importer.Reply{})
		waitFor(t, l)
		blocked(t, l, 5*time.Second)
		l.Answered(importer.Quota{})
		for range blankAnswers {
			waitFor(t, l)
			l.Answered(importer.Quota{})
		}
		time.Sleep(2 * recovers)
		for range 96 {
			waitFor(t, l)
		}
		blocked(t, l, 10*time.Second)
		time.Sleep(wary)
		for range 4 {
			waitFor(t, l)
		}
		blocked(t, l, time.Minute)
	})
}
