package pace

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
)

// Alone in a bucket, whatever the latency, the headers, lost answers, slow calls
// and kills inside a window: no window, sliding or fixed, ever holds more than is
// allowed. All of our arrivals of any interval are counted, so that the service's
// own window does not matter for it.
func TestNeverTooMany(t *testing.T) {
	seeds(t, 40, func(t *testing.T, random *rand.Rand) {
		synctest.Test(t, func(t *testing.T) { neverTooMany(t, random) })
	})
}

func neverTooMany(t *testing.T, random *rand.Rand) {
	pick := func(rates ...Rate) Rate { return rates[random.IntN(len(rates))] }
	second, ms := time.Second, time.Millisecond
	s := newService(pick(Rate{100, 10 * second}, Rate{25, 10 * second}, Rate{10, second}, Rate{3, 2 * second}, Rate{1, second}, Rate{500, 5 * second}))
	s.fixed = random.IntN(2) == 0
	s.origin = -time.Duration(random.Int64N(int64(s.limit.Interval)))
	asked, lost := s.limit, 0.01
	switch random.IntN(4) {
	case 0: // no headers
		s.quota = func(importer.Quota) importer.Quota { return importer.Quota{} }
	case 1: // headers that come and go, and make no sense
		chance := rand.New(rand.NewPCG(random.Uint64(), 0)) // the service's lock guards it
		s.quota = func(q importer.Quota) importer.Quota { return spoil(chance, q) }
	default: // headers, and a rate of which they know better, from the first answer on
		lost = 0
		asked = pick(s.limit, Rate{100, 10 * second}, Rate{}, Rate{100, second})
		if asked.PerSecond() < s.limit.PerSecond() {
			asked = Rate{}
		}
	}
	high := ms + time.Duration(random.Int64N(int64(600*ms)))
	network := between(time.Duration(random.Int64N(int64(high))), high)
	if random.IntN(2) == 0 {
		network = some(0.02, 2*second, network)
	}
	workers := 1 + random.IntN(32)
	t.Logf("%v asked of %v, fixed %v, up to %v, %d workers", asked, s.limit, s.fixed, high, workers)

	var kept kept
	for range 1 + random.IntN(5) {
		e := &engine{
			lane: New(Config{Rate: asked, DailyLimit: 1 << 30}), service: s,
			network: network, workers: workers, random: random, lost: lost,
		}
		life := time.Duration(random.Int64N(int64(4 * s.limit.Interval)))
		ctx, cancel := context.WithTimeout(context.Background(), life)
		kept.follow(ctx, e.lane, time.Duration(random.Int64N(int64(second))))
		e.run(ctx)
		cancel()
		trail, _ := kept.last()
		window := asked.Lowered(trail.Told)
		if window.Max == 0 || window.PerSecond() > s.limit.PerSecond() {
			break // killed before it could know, and so no run after it can
		}
		time.Sleep(time.Duration(random.Int64N(int64(s.limit.Interval))) * time.Duration(random.IntN(2)))
	}
	if len(s.throttled) > 0 {
		t.Errorf("throttled: got %d, want 0, at %v", len(s.throttled), s.throttled[0])
	}
	if got := s.most(); got > s.limit.Max {
		t.Errorf("most in any window: got %d, want at most %d", got, s.limit.Max)
	}
}

// spoil takes away what headers say, or makes nonsense of it.
func spoil(random *rand.Rand, q importer.Quota) importer.Quota {
	switch random.IntN(8) {
	case 0:
		return importer.Quota{}
	case 1:
		q.Remaining = q.Max + 1 + random.IntN(1000)
	case 2:
		q.Remaining = -1 - random.IntN(1000)
	case 3:
		q.Max, q.Interval = 0, 0
	case 4:
		q.Max = -q.Max
	case 5:
		q.Interval = -q.Interval
	case 6:
		q.DailyRemaining, q.HasDailyRemaining = -7, true
	}
	return q
}

// At least 97% of the allowance is used after the first window, to the call.
func TestUsesAllowance(t *testing.T) {
	ms, long := time.Millisecond, Rate{100, 10 * time.Second}
	cases := []struct {
		name    string
		limit   Rate
		network network
		least   float64
	}{
		{"1 ms", long, between(1*ms, 1*ms), 0.999},
		{"20 to 80 ms", long, between(20*ms, 80*ms), 0.99},
		{"0 to 300 ms", long, between(0, 300*ms), 0.98},
		{"300 ms", long, between(300*ms, 300*ms), 0.97},
		{"1% take 2 s", long, some(0.01, 2*time.Second, between(20*ms, 80*ms)), 0.985},
		{"25, 0 to 300 ms", Rate{25, 10 * time.Second}, between(0, 300*ms), 0.975},
		{"25, 300 ms", Rate{25, 10 * time.Second}, between(300*ms, 300*ms), 0.97},
		{"500, 0 to 300 ms", Rate{500, 10 * time.Second}, between(0, 300*ms), 0.98},
	}
	for _, c := range cases {
		for _, fixed := range []bool{false, true} {
			for _, headers := range []bool{false, true} {
				t.Run(c.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s := newService(c.limit)
						s.fixed, s.origin = fixed, -3*time.Second
						asked := Rate{}
						if !headers {
							asked = c.limit
							s.quota = func(importer.Quota) importer.Quota { return importer.Quota{} }
						}
						e := &engine{
							lane: New(Config{Rate: asked}), service: s, network: c.network,
							workers: 4 + int(c.limit.PerSecond()), random: rand.New(rand.NewPCG(1, 2)),
						}
						const end = 610 * time.Second
						ctx, cancel := context.WithTimeout(context.Background(), end)
						defer cancel()
						e.run(ctx)
						got := float64(s.between(10*time.Second, end)+1) / float64(60*c.limit.Max)
						t.Logf("fixed %v headers %v: %.2f%%, %d × 429", fixed, headers, 100*got, len(s.throttled))
						if got < c.least || len(s.throttled) > 0 {
							t.Errorf("got %.2f%% with %d × 429, want %.1f%% with none", 100*got, len(s.throttled), 100*c.least)
						}
					})
				})
			}
		}
	}
}
