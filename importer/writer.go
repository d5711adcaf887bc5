package importer

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// mostSettled bounds one settling statement.
	mostSettled = 2000
	// ledgerTimeout is how long one call to the ledger may take before its
	// connection counts as lost.
	ledgerTimeout = 30 * time.Second
)

// errGivenUp ends the writer's attempts: nothing is written any more. Whoever
// returns it has stopped the lane.
var errGivenUp = errors.New("the ledger is given up")

// write owns the lane's ledger: it settles whatever outcomes are waiting in one
// statement, claims when rows run short, and comes back. Batches grow by
// themselves as calls get faster; there is no timer.
func (d *drain) write(hard, soft context.Context) {
	var err error
	batch := make([]Outcome, 0, d.limits.Workers)
	for {
		select {
		case o, ok := <-d.outcomes:
			if !ok {
				d.finish(hard, soft, err)
				return
			}
			batch = d.gather(append(batch[:0], o))
			err = d.persist(hard, soft, err, func(ctx context.Context) error { return d.Ledger.Settle(ctx, batch) })
			if err == nil {
				d.queue.ended(len(batch))
			}
		case <-d.wants:
			if soft.Err() == nil {
				err = d.replenish(hard, soft, err)
			}
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

// replenish gives strays back to the ledger, which alone knows what became of
// them, and claims more rows if more are wanted still.
func (d *drain) replenish(hard, soft context.Context, err error) error {
	unsent, doubtful := d.queue.strays()
	err = d.putBack(hard, soft, err, unsent, doubtful)
	if !d.queue.short() {
		return err
	}
	return d.persist(hard, soft, err, d.claim)
}

func (d *drain) claim(ctx context.Context) error {
	items, err := d.Ledger.Claim(ctx, d.queue.order())
	if err != nil {
		return err
	}
	d.queue.add(items)
	return nil
}

func (d *drain) putBack(hard, soft context.Context, err error, unsent, doubtful []Item) error {
	if len(unsent) > 0 {
		err = d.persist(hard, soft, err, func(ctx context.Context) error { return d.Ledger.Release(ctx, unsent) })
	}
	if len(doubtful) > 0 {
		err = d.persist(hard, soft, err, func(ctx context.Context) error { return d.Ledger.Keep(ctx, doubtful) })
	}
	return err
}

// finish puts back what was not sent and gives the lock back.
func (d *drain) finish(hard, soft context.Context, err error) {
	unsent, doubtful := d.queue.recall()
	if d.putBack(hard, soft, err, unsent, doubtful) != nil {
		return
	}
	if err := d.within(hard, d.Ledger.Close); err != nil {
		d.Log.Debug("unlocking", "location", d.Location, "error", err.Error())
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
		if hard.Err() != nil {
			return errGivenUp
		}
		began := time.Now()
		err := d.within(hard, f)
		if err == nil {
			d.heard.at(began)
			return nil
		}
		if !errors.Is(err, ErrLost) {
			d.stopFor(StopBroken, err.Error(), err)
			return errGivenUp
		}
		if hard.Err() != nil {
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
func (d *drain) within(parent context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(parent, ledgerTimeout)
	defer cancel()
	err := f(ctx)
	if err != nil && ctx.Err() != nil && !errors.Is(err, ErrLost) {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	return err
}
