package importer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A drain is one run of a lane. Its law: a row is sent only while it stands in
// a claim that this lane made through a connection that still holds the
// location's lock.
//
//	dispatcher   free worker, then a row, then the breaker, then the pace,
//	             then the lock, then hand over: in this order, by one
//	             goroutine, or a process that was suspended would fire all
//	             its workers at once when it wakes
//	workers      one call each, and its judgement
//	writer       the only one that talks to the ledger
type drain struct {
	*Lane
	limits Limits
	looker Looker                  // nil: rows are never looked up
	halt   context.CancelCauseFunc // starts nothing new; its cause is a Stop

	queue    *queue
	breaker  *breaker
	alike    alike
	free     chan struct{} // holds a token a busy worker
	calls    chan *work    // to a worker that waits
	outcomes chan Outcome  // to the writer; never more than two a worker wait
	wants    chan struct{} // to the writer: claim more
	asks     chan chan error
	heard    heard
	workers  sync.WaitGroup
	started  int // workers; the dispatcher's own

	shown  atomic.Int64 // failed rows that a person was told of
	mu     sync.Mutex
	stop   Stop   // the first reason to stop, once there is one
	detail string // what made it stop
	err    error
}

func (d *drain) run(hard, soft context.Context) End {
	if err := d.open(soft); err != nil {
		return d.end(soft, false)
	}
	calls, cut := context.WithCancel(hard)
	defer cut()
	// After a soft stop the calls in flight have the grace time and no more.
	graceOver := context.AfterFunc(soft, func() { sleep(calls, d.limits.Grace, nil); cut() })
	defer graceOver()

	var writer sync.WaitGroup
	writer.Go(func() { d.write(hard, soft) })
	done := d.dispatch(calls, soft)
	close(d.calls)
	d.workers.Wait()
	close(d.outcomes)
	writer.Wait()
	return d.end(soft, done)
}

// end puts the reason into words. done: no row was left to be sent.
func (d *drain) end(soft context.Context, done bool) End {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := End{Location: d.Location, Stop: d.stop, Detail: d.detail, Err: d.err}
	if e.Stop == StopNone && !done {
		e.Stop = StopSignal
		errors.As(context.Cause(soft), &e.Stop)
	}
	return e
}

// stopFor stops the lane, for the first reason that comes; a later one counts
// where its exit code is the one to be told.
func (d *drain) stopFor(stop Stop, detail string, err error) {
	d.mu.Lock()
	if d.stop == StopNone || WorseExit(d.stop.Exit(), stop.Exit()) != d.stop.Exit() {
		d.stop, d.detail, d.err = stop, detail, err
	}
	d.mu.Unlock()
	d.halt(stop)
}

// dispatch hands rows to workers until none is left (true) or the lane stops.
func (d *drain) dispatch(calls, soft context.Context) (done bool) {
	for {
		select {
		case d.free <- struct{}{}:
		case <-soft.Done():
			return false
		}
		w, done := d.queue.next(soft)
		if w == nil {
			<-d.free
			return done
		}
		if err := d.mayStart(soft); err != nil {
			d.queue.back(w)
			<-d.free
			if soft.Err() == nil && !errors.Is(err, errGivenUp) {
				stop := StopBroken
				errors.As(err, &stop)
				d.stopFor(stop, d.reason(stop, err), err)
			}
			return false
		}
		w.look = d.mayLook(w)
		if !d.queue.launch(w) {
			d.Pacer.Unused()
			<-d.free
			continue
		}
		d.hand(calls, w)
	}
}

// mayStart waits until one more call may be made: nil, and the pacer's slot is
// taken.
func (d *drain) mayStart(soft context.Context) error {
	if err := d.breaker.wait(soft); err != nil {
		return err
	}
	if err := d.Pacer.Wait(soft); err != nil {
		if ClassOf(err) == Spent {
			return StopDailyQuota
		}
		return err
	}
	err := d.assure(soft)
	if err == nil {
		err = soft.Err() // a pacer may let one more pass that was ready anyway
	}
	if err != nil {
		d.Pacer.Unused()
	}
	return err
}

func (d *drain) reason(stop Stop, err error) string {
	switch stop {
	case StopOutage:
		return fmt.Sprintf("no clear answer from the service since %s", d.breaker.lastAway().Format(time.TimeOnly))
	case StopDailyQuota:
		return "the day's quota is used up"
	}
	return err.Error()
}

// hand gives a row to a worker that waits, or to a new one.
func (d *drain) hand(calls context.Context, w *work) {
	d.breaker.began()
	select {
	case d.calls <- w:
		return
	default:
	}
	if d.started == d.limits.Workers {
		d.calls <- w // one of them is on its way back: the dispatcher holds a free place
		return
	}
	d.started++
	d.workers.Go(func() {
		for w := w; w != nil; w = <-d.calls {
			d.call(calls, w)
			<-d.free
		}
	})
}
