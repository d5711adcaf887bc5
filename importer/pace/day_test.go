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

// The day's quota is used to the last call above the reserve, and no further,
// whatever the order of the answers.
func TestDayToTheLast(t *testing.T) {
	seeds(t, 40, func(t *testing.T, random *rand.Rand) {
		synctest.Test(t, func(t *testing.T) {
			s := newService(Rate{1000, time.Second})
			s.daily, s.hasDaily = 1+random.IntN(300), true
			reserve := random.IntN(50)
			want := min(s.daily, reserve)
			if s.daily <= reserve {
				want = s.daily - 1 // the first call finds out
			}
			e := &engine{
				lane: New(Config{DailyReserve: reserve}), service: s, workers: 1 + random.IntN(40), random: random,
				network: some(0.1, time.Second, between(0, 300*time.Millisecond)),
			}
			err := e.run(t.Context())
			if !errors.Is(err, importer.Spent) || s.daily != want || len(s.throttled) > 0 {
				t.Errorf("got %v, %d left and %d × 429; want Spent, %d and none", err, s.daily, len(s.throttled), want)
			}
		})
	})
}

// Answers without headers near the end: the reserve is safe all the same.
func TestDayLostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(Rate{1000, time.Second})
		s.daily, s.hasDaily = 200, true
		e := &engine{
			lane: New(Config{DailyReserve: 20}), service: s, workers: 16, lost: 0.3, random: rand.New(rand.NewPCG(5, 5)),
			network: between(0, 300*time.Millisecond),
		}
		if err := e.run(t.Context()); !errors.Is(err, importer.Spent) || s.daily < 20 || s.daily > 40 {
			t.Errorf("got %v and %d left, want Spent and 20 or little more", err, s.daily)
		}
	})
}

func TestNewDay(t *testing.T) {
	var d day
	for _, left := range []int{10, 8, 9, 7} { // 9 is late
		for range 2 {
			d.start(0)
		}
		d.observe(importer.Quota{DailyRemaining: left, HasDailyRemaining: true}, 1)
		d.open = 1
	}
	if d.low != 7 {
		t.Fatalf("lowest: got %d, want 7", d.low)
	}
	d.observe(importer.Quota{DailyRemaining: 8, HasDailyRemaining: true}, 1)
	if d.low != 7 {
		t.Errorf("after a late answer: got %d, want 7", d.low)
	}
	d.observe(importer.Quota{DailyRemaining: 999, HasDailyRemaining: true}, 1)
	if d.low != 999 || d.open != 1 {
		t.Errorf("on a new day: got %d with %d open, want 999 with 1", d.low, d.open)
	}
	for _, q := range []importer.Quota{{DailyRemaining: 3}, {DailyRemaining: -1, HasDailyRemaining: true}, {DailyRemaining: 5, DailyLimit: 4, HasDailyRemaining: true}} {
		d.observe(q, 0)
		if d.low != 999 {
			t.Errorf("%+v was believed", q)
		}
	}
}

// Where nobody tells, our own calls of 24 hours count.
func TestOwnCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{Rate: Rate{100, 10 * time.Second}, DailyLimit: 100, DailyReserve: 10, SpentToday: 60})
		made := 0
		for ; l.Wait(t.Context()) == nil; made++ {
			l.Answered(importer.Quota{})
		}
		if made != 30 {
			t.Errorf("made %d calls, want 30", made)
		}
		if err := l.Wait(t.Context()); !errors.Is(err, importer.Spent) {
			t.Errorf("got %v, want Spent", err)
		}
		time.Sleep(25 * time.Hour)
		waitFor(t, l)
	})
	synctest.Test(t, func(t *testing.T) {
		for asked, want := range map[Rate]bool{{}: false, {1, time.Second}: true} {
			if stats := New(Config{Rate: asked, SpentToday: usualDay - 7}).Stats(); stats.HasDaily != want || want && stats.DailyRemaining != 7 {
				t.Errorf("default at %v: got %+v, want a limit: %v", asked, stats, want)
			}
		}
	})
}

func TestWaitForQuota(t *testing.T) {
	cases := []struct {
		why    string
		reset  time.Duration // from now; 0 for none
		back   time.Duration // when the quota is really back
		lo, hi time.Duration
		probes int
	}{
		{"a known reset", 8 * time.Hour, 8 * time.Hour, 8 * time.Hour, 8*time.Hour + time.Minute, 1},
		{"no reset", 0, 50 * time.Minute, 60 * time.Minute, 61 * time.Minute, 4},
		{"a reset that is late", time.Hour, 70 * time.Minute, 75 * time.Minute, 77 * time.Minute, 2},
		{"a reset that makes no sense", 1000 * time.Hour, 10 * time.Minute, 15 * time.Minute, 16 * time.Minute, 1},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				spent := importer.Quota{DailyRemaining: 5, HasDailyRemaining: true}
				if c.reset > 0 {
					spent.DailyReset = start.Add(c.reset)
				}
				l := New(Config{Rate: Rate{100, 10 * time.Second}, DailyReserve: 5, WaitForQuota: true})
				waitFor(t, l)
				l.Answered(spent)
				probes := 0
				for {
					waitFor(t, l)
					probes++
					if time.Since(start) >= c.back {
						break
					}
					l.Answered(spent)
				}
				if took := time.Since(start); took < c.lo || took > c.hi || probes != c.probes {
					t.Errorf("took %v with %d probes, want %v to %v with %d", took, probes, c.lo, c.hi, c.probes)
				}
				l.Answered(importer.Quota{DailyRemaining: 1000, HasDailyRemaining: true})
				if got := waitFor(t, l); got > time.Second {
					t.Errorf("on the new day a call waited %v", got)
				}
			})
		})
	}
}

func TestReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{})
		if got := l.Reset(); !got.IsZero() {
			t.Errorf("untold: got %v, want zero", got)
		}
		want := time.Now().Add(3 * time.Hour)
		waitFor(t, l)
		l.Answered(importer.Quota{HasDailyRemaining: true, DailyReset: want})
		if got := l.Reset(); !got.Equal(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if err := l.Wait(context.Background()); !errors.Is(err, importer.Spent) {
			t.Errorf("got %v, want Spent", err)
		}
	})
}

// A probe of a spent quota goes alone, however long its answer takes.
func TestProbeGoesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Config{WaitForQuota: true})
		for left := range blankAnswers {
			waitFor(t, l)
			l.Answered(importer.Quota{HasDailyRemaining: true, DailyRemaining: blankAnswers - 1 - left})
		}
		waitFor(t, l)
		blocked(t, l, 2*retryQuota)
	})
}
