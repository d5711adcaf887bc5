package importer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// mostSettled bounds one settling statement.
	mostSettled = 2000
	// ledgerTimeout is how long one call to the ledger may take before its
	// connection counts as lost.
	ledgerTimeout = 30 * time.Second
	// silence is how long a lane may send without having heard from its
	// connection.
	silence = 2 * time.Second
)

// errGivenUp ends the writer's attempts: outcomes are no longer written.
var errGivenUp = errors.New("the ledger is given up")

// write owns the lane's ledger: it settles whatever outcomes are waiting in one
// statement, claims when rows run short, and comes back. Batches grow by
// themselves as calls get faster; there is no timer.
func (d *drain) write(hard, soft context.Context) {
	var err error
	batch := make([]Outcome, 0, mostSettled)
	for {
		select {
		case o, ok := <-d.outcomes:
			if !ok {
				d.finish(hard, soft, err)
				return
			}
			batch = d.gather(append(batch[:0], o))
			err = d.persist(hard, soft, err, func(ctx context.Context) error { return d.Ledger.Settle(ctx, batch) })
			for range batch {
				d.queue.ended()
			}
		case <-d.wants:
			err = d.persist(hard, soft, err, d.claim)
		case reply := <-d.asks:
			err = d.persist(hard, soft, err, d.Ledger.Check)
			reply <- err
		}
	}
}

// gather takes the outcomes that are waiting, without waiting for more.
func (d *drain) gather(batch []Outcome) []Outcome {
	for len(batch) < mostSettled {
		select {
		case o, ok := <-d.outcomes:
			if !ok {
				return batch
			}
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

func (d *drain) claim(ctx context.Context) error {
	items, err := d.Ledger.Claim(ctx, d.limits.Batch)
	if err != nil {
		return err
	}
	d.queue.add(items)
	return nil
}

// finish puts back what was not sent and gives the lock back.
func (d *drain) finish(hard, soft context.Context, err error) {
	unsent, doubtful := d.queue.recall(), d.queue.doubtful()
	err = d.persist(hard, soft, err, func(ctx context.Context) error { return d.Ledger.Release(ctx, unsent) })
	err = d.persist(hard, soft, err, func(ctx context.Context) error { return d.Ledger.Keep(ctx, doubtful) })
	if err == nil {
		ctx, cancel := context.WithTimeout(hard, ledgerTimeout)
		defer cancel()
		if err := d.Ledger.Close(ctx); err != nil {
			d.Log.Debug("unlocking", "location", d.Location, "error", err.Error())
		}
	}
}

// persist makes one ledger call, if need be again on a new connection. Once
// it has failed for good (before), nothing is written any more: the rows stay
// claimed, and the next run finds them in doubt.
func (d *drain) persist(hard, soft context.Context, before error, f func(context.Context) error) error {
	if before != nil {
		return before
	}
	for {
		err := d.within(hard, f)
		if err == nil {
			d.heard.now()
			return nil
		}
		if !errors.Is(err, ErrLost) {
			d.stopFor(StopBroken, err.Error(), err)
			return errGivenUp
		}
		d.Log.Warn("the connection to the ledger is lost: nothing is sent until it is back",
			"location", d.Location, "error", err.Error())
		if err := d.reopen(hard, soft); err != nil {
			return err
		}
	}
}

// within makes one ledger call with a deadline of its own: it outlives a soft
// stop, since a cancelled call would cost the connection.
func (d *drain) within(hard context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(hard, ledgerTimeout)
	defer cancel()
	err := f(ctx)
	if err != nil && ctx.Err() != nil && !errors.Is(err, ErrLost) {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	return err
}

// reopen takes the lane's lock again and puts back what had been claimed and
// not sent: another run may have been at work meanwhile.
func (d *drain) reopen(hard, soft context.Context) error {
	d.heard.lose()
	var unsent []Item
	waits := waits(250*time.Millisecond, 10*time.Second)
	began := time.Now()
	for {
		err := d.within(hard, d.Ledger.Open)
		if err == nil {
			unsent = append(unsent, d.queue.recall()...)
			err = d.within(hard, func(ctx context.Context) error { return d.Ledger.Release(ctx, unsent) })
		}
		switch {
		case err == nil:
			d.Log.Info("the ledger is back", "location", d.Location)
			d.heard.now()
			poke(d.queue.wake)
			return nil
		case errors.Is(err, ErrBusy):
			d.stopFor(StopBusy, "another run took this location over while the connection to the ledger was lost", err)
			return errGivenUp
		case !errors.Is(err, ErrLost):
			d.stopFor(StopBroken, err.Error(), err)
			return errGivenUp
		case hard.Err() != nil:
			return errGivenUp
		}
		limit := d.limits.OutageLimit
		if soft.Err() != nil {
			limit = min(limit, d.limits.Grace)
		}
		if time.Since(began) >= limit {
			d.stopFor(StopDatabase, fmt.Sprintf("no ledger for %s: %v", time.Since(began).Round(time.Second), err), err)
			return errGivenUp
		}
		sleep(hard, min(waits.NextBackOff(), limit), nil)
	}
}

// open takes the lock for the first time, waiting for another run if asked to,
// and for a database that is away.
func (d *drain) open(soft context.Context) error {
	waits := waits(250*time.Millisecond, 2*time.Second)
	began := time.Now()
	for told := false; ; told = true {
		err := d.within(soft, d.Ledger.Open)
		limit, stop := d.limits.Wait, StopBusy
		switch {
		case err == nil:
			d.heard.now()
			poke(d.wants)
			return nil
		case soft.Err() != nil:
			return err
		case errors.Is(err, ErrBusy):
		case errors.Is(err, ErrLost):
			limit, stop = d.limits.OutageLimit, StopDatabase
		default:
			d.stopFor(StopBroken, err.Error(), err)
			return err
		}
		if time.Since(began) >= limit {
			d.stopFor(stop, err.Error(), err)
			return err
		}
		if !told {
			d.Log.Info("waiting", "location", d.Location, "for", limit, "because", err.Error())
		}
		sleep(soft, min(waits.NextBackOff(), limit-time.Since(began)+time.Millisecond), nil)
	}
}

// assure makes certain that the lane's lock is still held: a lane that has not
// heard from its connection for a while asks before it sends. The wall clock
// counts too, since the other one stands still while the machine is suspended.
func (d *drain) assure(soft context.Context) error {
	if d.heard.lately() {
		return nil
	}
	reply := make(chan error, 1)
	select {
	case d.asks <- reply:
	case <-soft.Done():
		return soft.Err()
	}
	select {
	case err := <-reply:
		return err
	case <-soft.Done():
		return soft.Err()
	}
}

// A heard is when the lane's connection last answered.
type heard struct {
	mu   sync.Mutex
	last time.Time // zero: it is lost
}

func (h *heard) now() {
	h.mu.Lock()
	h.last = time.Now()
	h.mu.Unlock()
}

func (h *heard) lose() {
	h.mu.Lock()
	h.last = time.Time{}
	h.mu.Unlock()
}

func (h *heard) lately() bool {
	h.mu.Lock()
	last := h.last
	h.mu.Unlock()
	now := time.Now()
	wall := now.Round(0).Sub(last.Round(0)) // Round strips the monotonic clock
	return !last.IsZero() && now.Sub(last) < silence && wall < silence && wall > -silence
}
