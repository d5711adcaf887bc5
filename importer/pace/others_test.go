package pace

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
)

// Others who were there before us cost no 429 in a sliding window; those who
// come while we fill the bucket cost a few, and then no more. When they stop we
// take all of it again.
func TestShared(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		for _, late := range []bool{false, true} {
			for _, perSecond := range []float64{1, 3, 6} {
				t.Run(fmt.Sprintf("fixed %v late %v %v/s", fixed, late, perSecond), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { shared(t, fixed, late, perSecond) })
				})
			}
		}
	}
}

func shared(t *testing.T, fixed, late bool, perSecond float64) {
	const second = time.Second
	s := newService(Rate{100, 10 * second})
	s.fixed, s.origin = fixed, -rand.N(10*second)
	seed := rand.Uint64()
	t.Logf("seed %d, origin %v", seed, s.origin)
	random := rand.New(rand.NewPCG(seed, 0))
	e := &engine{
		lane: New(Config{Rate: s.limit}), service: s, workers: 16, random: random,
		network: between(20*time.Millisecond, 80*time.Millisecond),
	}
	came, gone, end := 20*second, 200*second, 420*second
	if late {
		came = 50 * second
	}
	ctx, cancel := context.WithTimeout(context.Background(), end)
	defer cancel()
	theirs, stop := context.WithTimeout(context.Background(), gone)
	defer stop()
	start := 20 * second
	if late {
		start = 0
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(came - 20*second) // they begin at 0 or 30 s
		s.others(theirs, rand.New(rand.NewPCG(seed, 1)), perSecond)
	}()
	time.Sleep(start)
	e.run(ctx)
	<-done

	most := 0
	switch {
	case late:
		most = 10
	case fixed:
		most = 4
	}
	if got := len(s.throttled); got > most {
		t.Errorf("throttled: got %d, want at most %d", got, most)
	}
	room := 100 - perSecond*10
	used := float64(s.between(100*second, gone)) / (10 * room)
	back := float64(s.between(gone+40*second, end)) / 1800
	t.Logf("%d × 429, %.1f%% of what others leave, %.1f%% when they are gone", len(s.throttled), 100*used, 100*back)
	if used < 0.55 {
		t.Errorf("used %.1f%% of what others leave", 100*used)
	}
	if back < 0.90 {
		t.Errorf("used %.1f%% after others stopped, want 90%% at least", 100*back)
	}
}

// A trickle that our own full use hides must not cost a 429 each minute.
func TestTrickle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(Rate{100, 10 * time.Second})
		s.fixed = true
		e := &engine{
			lane: New(Config{Rate: s.limit}), service: s, workers: 16, random: rand.New(rand.NewPCG(3, 0)),
			network: between(20*time.Millisecond, 80*time.Millisecond),
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
		defer cancel()
		go s.others(ctx, rand.New(rand.NewPCG(3, 1)), 0.2)
		e.run(ctx)
		got := float64(s.between(0, 20*time.Minute)) / 12000
		t.Logf("%d × 429, %.1f%%", len(s.throttled), 100*got)
		if len(s.throttled) > 8 || got < 0.88 {
			t.Errorf("got %d × 429 at %.1f%%; want at most 8 at 88%%", len(s.throttled), 100*got)
		}
	})
}

func TestObserveNonsense(t *testing.T) {
	for _, q := range []importer.Quota{
		{},
		{Max: 100, Remaining: 5},
		{Max: 100, Remaining: 101, HasRemaining: true},
		{Max: 100, Remaining: -1, HasRemaining: true},
		{Max: 0, Remaining: 0, HasRemaining: true},
		{Max: -5, Remaining: 0, HasRemaining: true},
	} {
		var o others
		if o.observe(0, q, 10*time.Second, 0) || o.told || o.used(0, 10*time.Second) != 0 {
			t.Errorf("%+v was believed", q)
		}
	}
}

// Headers that make no sense change nothing of the limits either.
func TestHeedNonsense(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}})
		for _, q := range []importer.Quota{
			{Max: -1, Interval: time.Second},
			{Max: 5, Interval: -time.Second},
			{Max: 5, Interval: time.Microsecond},
			{Max: 5, Interval: 1000 * time.Hour},
			{Max: 2_000_000_000, Interval: time.Second},
			{Interval: time.Second},
			{Max: 1000, Interval: 10 * time.Second},
		} {
			waitFor(t, l)
			l.Answered(q)
			if got := l.Stats().Window.String(); got != "100/10s" {
				t.Errorf("%+v: got %s, want 100/10s", q, got)
			}
		}
		waitFor(t, l)
		l.Answered(importer.Quota{Max: 25})
		if got := l.Stats().Window.String(); got != "25/10s" {
			t.Errorf("without an interval: got %s, want 25/10s", got)
		}
	})
}

// What others use is not taken from a window that nobody told.
func TestRemainingWithoutInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}})
		waitFor(t, l)
		l.Answered(importer.Quota{Max: 100, Interval: -time.Second, Remaining: 10, HasRemaining: true})
		start := time.Now()
		for range 10 {
			waitFor(t, l)
		}
		if got := time.Since(start); got > 2*time.Second {
			t.Errorf("10 calls took %v, want 10/s", got)
		}
	})
}
