package importer

import (
	"context"
	"log/slog"
	"time"
)

// A row whose calls never get a clear answer, with no other row left to show
// that the service is alive, would end every run as an outage. Such a row is
// looked up in the end, in place of the next probe. What a read shows is there;
// what it does not show may have been written too late for it, so the reads
// come late: a last call was made when the service had been away for a while,
// every row that is left has been tried, each read lies well after that
// call, and it takes two of them to call a row absent. A service that writes
// what it answered 500 later than that makes a false failure; to send the row
// again finds it there.
const (
	lookAfter = 30 * time.Second // the service must have been away so long, or half of OutageLimit
	readLag   = 5 * time.Second  // between a row's last call and a read, and between two reads
	looks     = 2                // reads that must all not show a row
)

// spent reports whether a row has had its attempts, the last one in this run.
func (w *work) spent(attempts int) bool {
	return w.unclear > 0 && w.Attempts+w.unclear >= attempts
}

// isRipe reports whether the call for a row that has just stayed without a clear
// answer was the last one before it is looked up.
func (d *drain) isRipe(w *work) bool {
	return d.looker != nil && w.spent(d.limits.Attempts) && d.breaker.awayFor() >= min(lookAfter, d.limits.OutageLimit/2)
}

// mayLook reports whether the next call for a row is to be a read.
func (d *drain) mayLook(w *work) bool {
	return w.ripe && d.breaker.away() && d.queue.allTried()
}

// allTried reports whether no row is left to be sent but those that may have
// been carried out already.
func (q *queue) allTried() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.isAllTried()
}

// isAllTried must be called with mu held.
func (q *queue) isAllTried() bool {
	if !q.exhausted || len(q.stray) > 0 {
		return false
	}
	for _, list := range [][]*work{q.again, q.ready, q.later} {
		for _, w := range list {
			if !w.Doubt {
				return false
			}
		}
	}
	return true
}

// look makes one read for a row that is never answered, and decides what
// becomes of it.
func (d *drain) look(calls context.Context, w *work) {
	ctx, cancel := context.WithTimeout(calls, d.limits.Timeout)
	began := time.Now()
	reply, found, err := d.looker.Look(ctx, w.Item)
	cancel()
	d.Pacer.Answered(reply.Quota)
	d.Tally.sent.Add(1)
	if d.Log.Enabled(calls, slog.LevelDebug) {
		d.trace(calls, "read", w, reply, err, time.Since(began))
	}
	if err != nil {
		d.judgeLook(calls, w, reply, err)
		return
	}
	d.breaker.looked()
	if found {
		d.settled(w, Outcome{State: Created, Uncertain: true}, reply)
		return
	}
	if w.absent++; w.absent < looks {
		d.queue.after(w, readLag)
		return
	}
	d.unanswered(w, "and not seen there when it was looked up")
}

// judgeLook decides what a read without a result means for its row: any clear
// answer to it shows that the service is alive, and that the row is at fault.
func (d *drain) judgeLook(calls context.Context, w *work, reply Reply, err error) {
	switch class := ClassOf(err); class {
	case Doubt, Unsent:
		w.ripe = false // the next call is no read, or a row would never be sent again
		if d.unclear(calls, err) {
			d.later(w)
		} else {
			d.queue.back(w)
		}
	case Throttled, Spent, Stale, Blocked: // not of the row: as for any other call
		d.breaker.looked()
		d.turnedAway(calls, w, class, reply, err)
	default:
		d.breaker.looked()
		d.unanswered(w, "and it could not be looked up ("+err.Error()+")")
	}
}
