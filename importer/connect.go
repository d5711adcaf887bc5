package importer

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ghost is how long the database may take to notice that a connection of ours
// is cut, and to free its locks. Until then our own lock looks like another's.
const ghost = 30 * time.Second

// open takes the lock for the first time, waiting for another run if asked to,
// and for a database that is away.
func (d *drain) open(soft context.Context) error {
	waits := waits(250*time.Millisecond, 2*time.Second)
	began := time.Now()
	for told := false; ; told = true {
		tried := time.Now()
		err := d.within(soft, d.Ledger.Open)
		limit, stop := d.limits.Wait, StopBusy
		switch {
		case err == nil:
			d.heard.at(tried)
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
		left := limit - time.Since(began)
		if left <= 0 {
			d.stopFor(stop, err.Error(), err)
			return err
		}
		if !told {
			d.Log.Info("waiting", "location", d.Location, "for", limit, "because", err.Error())
		}
		sleep(soft, min(waits.NextBackOff(), left), nil)
	}
}

// reopen takes the lane's lock again. Another run may have been at work
// meanwhile, so every row that is not in flight goes back to the ledger and is
// sent only if it is claimed anew.
func (d *drain) reopen(hard, soft context.Context) error {
	d.heard.lose()
	patience, cancel := context.WithTimeout(hard, d.limits.OutageLimit)
	defer cancel()
	stop := context.AfterFunc(soft, func() { sleep(patience, d.limits.Grace, nil); cancel() })
	defer stop()

	var unsent, doubtful []Item
	waits := waits(250*time.Millisecond, 10*time.Second)
	began := time.Now()
	for {
		tried := time.Now()
		err := d.within(patience, d.Ledger.Open)
		if err == nil {
			u, k := d.queue.recall()
			unsent, doubtful = append(unsent, u...), append(doubtful, k...)
			err = d.giveBack(patience, unsent, doubtful)
		}
		busy := errors.Is(err, ErrBusy)
		away := time.Since(began)
		switch {
		case err == nil:
			d.Log.Info("the ledger is back", "location", d.Location)
			d.heard.at(tried)
			poke(d.queue.wake)
			return nil
		case hard.Err() != nil:
			return errGivenUp
		case busy && (away >= ghost || patience.Err() != nil):
			d.stopFor(StopBusy, "another run took this location over while the connection to the ledger was lost", err)
			return errGivenUp
		case !busy && !errors.Is(err, ErrLost):
			d.stopFor(StopBroken, err.Error(), err)
			return errGivenUp
		case patience.Err() != nil:
			d.stopFor(StopDatabase, fmt.Sprintf("no ledger for %s: %v", away.Round(time.Second), err), err)
			return errGivenUp
		}
		sleep(patience, waits.NextBackOff(), nil)
	}
}

// giveBack returns to the ledger what it may have given to another run. Both
// calls may be made again after a loss: what was done changes nothing.
func (d *drain) giveBack(ctx context.Context, unsent, doubtful []Item) error {
	if len(unsent) > 0 {
		if err := d.within(ctx, func(ctx context.Context) error { return d.Ledger.Release(ctx, unsent) }); err != nil {
			return err
		}
	}
	if len(doubtful) > 0 {
		return d.within(ctx, func(ctx context.Context) error { return d.Ledger.Keep(ctx, doubtful) })
	}
	return nil
}
