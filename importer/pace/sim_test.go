package pace

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"relink/importer"
)

// service is a bucket as the service keeps it, sliding or fixed. It is strict:
// one call too many in a window is a 429.
type service struct {
	limit  Rate
	fixed  bool
	origin time.Duration // phase of the fixed windows
	quota  func(q importer.Quota) importer.Quota
	daily  int // left of the day, if hasDaily

	hasDaily bool
	began    time.Time

	mu        sync.Mutex
	arrivals  []time.Duration // accepted calls of everybody
	mine      []time.Duration // accepted calls that came through take
	throttled []time.Duration // refused calls that came through take
}

func newService(limit Rate) *service {
	return &service{limit: limit, began: time.Now(), quota: func(q importer.Quota) importer.Quota { return q }}
}

// take is a call's arrival.
func (s *service) take(own bool) (importer.Quota, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Since(s.began)
	used := s.used(now)
	ok := used < s.limit.Max && (!s.hasDaily || s.daily > 0)
	if ok {
		s.arrivals = append(s.arrivals, now)
		used++
		s.daily--
	}
	switch {
	case own && ok:
		s.mine = append(s.mine, now)
	case own:
		s.throttled = append(s.throttled, now)
	}
	q := importer.Quota{Max: s.limit.Max, Interval: s.limit.Interval, Remaining: s.limit.Max - used, HasRemaining: true}
	if s.hasDaily {
		q.DailyRemaining, q.HasDailyRemaining = s.daily, true
	}
	return s.quota(q), ok
}

func (s *service) used(now time.Duration) int {
	start := now - s.limit.Interval // exclusive
	if s.fixed {
		start = (now-s.origin)/s.limit.Interval*s.limit.Interval + s.origin - 1
	}
	n := 0
	for _, at := range slices.Backward(s.arrivals) {
		if at <= start {
			break
		}
		n++
	}
	return n
}

// between counts our accepted calls in [from, to).
func (s *service) between(from, to time.Duration) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, at := range s.mine {
		if at >= from && at < to {
			n++
		}
	}
	return n
}

// most is the highest number of our arrivals in any window, accepted or not.
func (s *service) most() int {
	all := slices.Concat(s.mine, s.throttled)
	slices.Sort(all)
	most, first := 0, 0
	for i, at := range all {
		for all[first] <= at-s.limit.Interval {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// others makes calls from elsewhere, about so many in a second, until ctx ends.
func (s *service) others(ctx context.Context, random *rand.Rand, perSecond float64) {
	for {
		gap := time.Duration((0.5 + random.Float64()) / perSecond * 1e9)
		select {
		case <-ctx.Done():
			return
		case <-time.After(gap):
			s.take(false)
		}
	}
}

// network is how long the two ways of a call take.
type network func(random *rand.Rand) (there, back time.Duration)

func between(low, high time.Duration) network {
	return func(random *rand.Rand) (time.Duration, time.Duration) {
		both := low + time.Duration(random.Int64N(int64(high-low)+1))
		there := time.Duration(random.Int64N(int64(both) + 1))
		return there, both - there
	}
}

// some makes a part of the calls slow.
func some(part float64, slow time.Duration, rest network) network {
	return func(random *rand.Rand) (time.Duration, time.Duration) {
		there, back := rest(random)
		if random.Float64() < part {
			back += slow
		}
		return there, back
	}
}

// engine sends calls as the real one does: a free worker first, then Wait, then
// it hands over. A throttled call is made again.
type engine struct {
	lane    *Lane
	service *service
	network network
	workers int
	calls   int // how many to get through; 0: until ctx ends
	lost    float64
	random  *rand.Rand
}

// run ends with all calls made, or with ctx as if killed: calls in flight reach
// the service, but nobody hears the answers.
func (e *engine) run(ctx context.Context) error {
	free := make(chan struct{}, e.workers)
	again := make(chan struct{}, e.workers)
	var group sync.WaitGroup
	defer group.Wait()
	for made, done := 0, 0; e.calls == 0 || done < e.calls; {
		// A worker is free when it has not yet a call, or its call has ended.
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		if e.calls > 0 && made == e.calls {
			group.Wait()
			if len(again) == 0 {
				return nil
			}
			for range len(again) {
				<-again
				made--
			}
		}
		if err := e.lane.Wait(ctx); err != nil {
			return err
		}
		made++
		there, back := e.network(e.random)
		lost := e.random.Float64() < e.lost
		group.Go(func() {
			e.call(ctx, there, back, lost, again)
			<-free
		})
	}
	return nil
}

func (e *engine) call(ctx context.Context, there, back time.Duration, lost bool, again chan<- struct{}) {
	time.Sleep(there)
	q, ok := e.service.take(true)
	select {
	case <-time.After(back):
	case <-ctx.Done():
		return
	}
	if lost {
		q = importer.Quota{}
	}
	e.lane.Answered(q)
	if !ok {
		e.lane.Hold(importer.Reply{Status: 429, Quota: q})
		if e.calls > 0 {
			again <- struct{}{}
		}
	}
}

// kept is what the ledger keeps of a lane.
type kept struct {
	mu    sync.Mutex
	trail Trail
	at    time.Time
}

// follow has a lane follow what is kept, and keeps its trail every so often
// until ctx ends as if the run were killed.
func (k *kept) follow(ctx context.Context, l *Lane, every time.Duration) {
	if trail, at := k.last(); !at.IsZero() {
		l.Follow(trail, Past{Age: time.Since(at), Open: true})
	}
	k.keep(l)
	go func() {
		for {
			select {
			case <-time.After(every + 1):
				if ctx.Err() == nil {
					k.keep(l)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (k *kept) last() (Trail, time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.trail, k.at
}

func (k *kept) keep(l *Lane) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.trail, k.at = l.Trail(), time.Now()
}

func seeds(t *testing.T, n int, run func(t *testing.T, random *rand.Rand)) {
	t.Helper()
	first := rand.Uint64()
	for seed := first; seed < first+uint64(n); seed++ {
		ok := t.Run("", func(t *testing.T) {
			t.Logf("seed %d", seed)
			run(t, rand.New(rand.NewPCG(seed, 0)))
		})
		if !ok {
			return
		}
	}
}
