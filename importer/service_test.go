package importer_test

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"relink/importer"
)

// A reaction is what the fake service does with one call. The zero value
// carries it out.
type reaction struct {
	err     error          // the class it ends with
	applied bool           // it ends with err, but it was written
	after   time.Duration  // that the answer takes, in place of the latency
	cause   importer.Cause // of a rejected row
}

// A service is a stand-in that keeps what was written, counts what was sent,
// fails in both ways and honours its context.
type service struct {
	latency time.Duration
	react   func(n int, item importer.Item) reaction // nth call, from 1
	renewal func(generation int) error

	mu         sync.Mutex
	written    map[importer.Relation]bool
	touched    map[importer.Relation]time.Time // when it was last written or sent
	sends      map[importer.Relation]int
	starts     []time.Time
	order      []importer.Relation
	cleared    time.Time // when a send was last answered for itself
	again      int       // sends of a pair that was written already
	unclear    int       // calls that did not tell whether the pair is there
	flying     int
	mostFlying int
	generation int
	renewed    []int
}

func newService() *service {
	return &service{
		latency: 20 * time.Millisecond,
		written: map[importer.Relation]bool{}, touched: map[importer.Relation]time.Time{}, sends: map[importer.Relation]int{},
	}
}

// A sender sends to a service; with delete it takes relations away.
type sender struct {
	*service
	delete bool
}

func (s sender) Send(ctx context.Context, item importer.Item) (importer.Reply, error) {
	r, generation := s.begin(item)
	defer func() {
		s.mu.Lock()
		s.flying--
		s.mu.Unlock()
	}()
	reply := importer.Reply{Cause: r.cause, Message: "as told", Credential: generation}
	wait := s.latency
	if r.after > 0 {
		wait = r.after
	}
	if !pass(ctx, wait/2) {
		return reply, s.doubtful(ctx.Err())
	}
	var err error
	if r.err == nil || r.applied {
		err = s.write(item.Relation)
	}
	if !pass(ctx, wait-wait/2) {
		return reply, s.doubtful(ctx.Err())
	}
	if r.err != nil {
		if importer.ClassOf(r.err) == importer.Doubt {
			return reply, s.doubtful(r.err)
		}
		return reply, r.err
	}
	s.mu.Lock()
	s.cleared = time.Now()
	s.mu.Unlock()
	return reply, err
}

func (s sender) begin(item importer.Item) (reaction, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starts = append(s.starts, time.Now())
	s.order = append(s.order, item.Relation)
	s.sends[item.Relation]++
	s.touched[item.Relation] = time.Now()
	if s.written[item.Relation] != s.delete {
		s.again++
	}
	s.flying++
	s.mostFlying = max(s.mostFlying, s.flying)
	if s.react == nil {
		return reaction{}, s.generation
	}
	r := s.react(len(s.starts), item)
	switch importer.ClassOf(cmp.Or(r.err, error(importer.Doubt))) {
	case importer.Throttled, importer.Unsent, importer.Stale, importer.Spent:
		s.unclear++ // a row in doubt that is turned away is in doubt still
	}
	return r, s.generation
}

func (s sender) doubtful(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unclear++
	return fmt.Errorf("%w: %w", importer.Doubt, err)
}

func (s sender) write(r importer.Relation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.delete {
		delete(s.written, r)
		return nil
	}
	if s.written[r] {
		return fmt.Errorf("%w: duplicate relation", importer.Duplicate)
	}
	s.written[r] = true
	s.touched[r] = time.Now()
	return nil
}

func (s sender) Renew(ctx context.Context, generation int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if generation < s.generation {
		return nil
	}
	s.renewed = append(s.renewed, generation)
	if s.renewal != nil {
		if err := s.renewal(generation); err != nil {
			return err
		}
	}
	s.generation++
	return nil
}

func (s *service) count(f func() int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

func (s *service) sent() int { return s.count(func() int { return len(s.starts) }) }

// pass lets time go by; false means that ctx has ended.
func pass(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
