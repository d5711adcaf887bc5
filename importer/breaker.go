package importer

import (
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// unclearInARow is how many calls of a lane may stay without a clear answer,
// one after the other, before the service counts as away.
const unclearInARow = 5

// A breaker watches whether the service answers at all. After unclearInARow
// unclear calls in a row it lets nothing through but one probe at a time, with
// growing, jittered waits between them, until an answer is clear again.
type breaker struct {
	limit time.Duration

	mu      sync.Mutex
	flying  int       // calls under way
	unclear int       // in a row
	since   time.Time // when the service began to count as away
	until   time.Time // no probe before
	waits   *backoff.ExponentialBackOff
	clear   int64 // clear answers so far
	wake    chan struct{}
}

func newBreaker(limit time.Duration) *breaker {
	most := min(time.Minute, limit/8) // or the last probe would lie long before the end
	return &breaker{limit: limit, waits: waits(min(time.Second, most), most), wake: make(chan struct{}, 1)}
}

// wait blocks until a call may be made. It ends with StopOutage when the
// service has been away for as long as it may, or with ctx's error.
func (b *breaker) wait(ctx context.Context) error {
	for {
		wait, err := b.next(time.Now())
		if err != nil {
			return err
		}
		if wait <= 0 {
			return nil
		}
		if !sleep(ctx, wait, b.wake) {
			return ctx.Err()
		}
	}
}

// next is how long to wait for the next call, at most.
func (b *breaker) next(now time.Time) (time.Duration, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.unclear < unclearInARow {
		return 0, nil
	}
	left := b.since.Add(b.limit).Sub(now)
	switch {
	case left <= 0:
		return 0, StopOutage
	case b.flying > 0:
		return left, nil // one of them is the probe
	default:
		return min(left, b.until.Sub(now)), nil
	}
}

// began must be called when a call starts.
func (b *breaker) began() {
	b.mu.Lock()
	b.flying++
	b.mu.Unlock()
}

// answered says that a call ended with a clear answer, good or bad.
func (b *breaker) answered() {
	b.mu.Lock()
	b.flying--
	b.clear++
	was := b.unclear
	b.unclear = 0
	b.mu.Unlock()
	if was >= unclearInARow {
		poke(b.wake)
	}
}

// looked says that a read, which may be made while the service counts as away,
// ended with a clear answer. What it shows is that the next one may be made at
// once, not that the service does what it is asked to.
func (b *breaker) looked() {
	b.mu.Lock()
	b.flying--
	b.until = time.Now()
	b.waits.Reset()
	b.mu.Unlock()
	poke(b.wake)
}

// missed says that a call ended without one, and returns how many in a row.
func (b *breaker) missed() int {
	now := time.Now()
	b.mu.Lock()
	b.flying--
	b.unclear++
	switch {
	case b.unclear == unclearInARow:
		b.since = now // not when the first one ended: that may be a night ago
		b.waits.Reset()
		b.until = now.Add(b.waits.NextBackOff())
	case b.unclear > unclearInARow && !now.Before(b.until):
		b.until = now.Add(b.waits.NextBackOff())
	}
	n := b.unclear
	b.mu.Unlock()
	poke(b.wake)
	return n
}

// clears is the number of clear answers so far.
func (b *breaker) clears() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clear
}

// away reports whether the service counts as away.
func (b *breaker) away() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.unclear >= unclearInARow
}

// awayFor is how long the service has counted as away.
func (b *breaker) awayFor() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.unclear < unclearInARow {
		return 0
	}
	return time.Since(b.since)
}

// lastAway is when the service was last found away.
func (b *breaker) lastAway() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.since
}
