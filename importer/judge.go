package importer

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// maxStale is how often one row may be refused for a credential out of date
// before the credential counts as refused.
const maxStale = 3

// call makes one call for a row and decides what becomes of it.
func (d *drain) call(calls context.Context, w *work) {
	if w.look {
		d.look(calls, w)
		return
	}
	w.absent, w.ripe = 0, false
	again := w.Doubt
	if w.unclear == 0 {
		w.clear = d.breaker.clears()
	}
	ctx, cancel := context.WithTimeout(calls, d.limits.Timeout)
	began := time.Now()
	reply, err := d.Sender.Send(ctx, w.Item)
	cancel()
	d.Pacer.Answered(reply.Quota)
	d.Tally.sent.Add(1)
	if again {
		d.Tally.retried.Add(1)
	}
	if d.Log.Enabled(calls, slog.LevelDebug) {
		d.trace(calls, "call", w, reply, err, time.Since(began))
	}
	if err == nil {
		d.breaker.answered()
		d.alike.other()
		d.settled(w, Outcome{State: d.Success, Attempts: 1}, reply)
		return
	}
	d.judge(calls, w, reply, err)
}

// judge decides what a call that was not carried out means for its row and
// for its lane.
func (d *drain) judge(calls context.Context, w *work, reply Reply, err error) {
	class := ClassOf(err)
	if class == Doubt || class == Unsent {
		d.missed(calls, w, class, reply, err)
		return
	}
	d.breaker.answered()
	switch class {
	case Duplicate:
		d.alike.other()
		state := Existing
		if w.Doubt {
			state = Created // by an earlier call of ours, as far as can be known
		}
		d.settled(w, Outcome{State: state, Uncertain: w.Doubt, Attempts: 1}, reply)
	case Rejected:
		if stop := d.alike.failed(reply.Cause); stop {
			d.stopFor(StopAlike, fmt.Sprintf("the first %d answers all fail alike: %s", d.alike.limit, reply.Message), err)
		}
		d.settled(w, Outcome{State: d.failure(), Cause: reply.Cause, Attempts: 1}, reply)
	default:
		d.turnedAway(calls, w, class, reply, err)
	}
}

// turnedAway deals with a call that was not carried out for a reason that is
// not of its row.
func (d *drain) turnedAway(calls context.Context, w *work, class Class, reply Reply, err error) {
	switch class {
	case Throttled, Spent: // Spent: the pacer read it in the headers, and says so at the
		// next Wait; the hold is for one that could not
		d.Tally.throttled.Add(1)
		d.Pacer.Hold(reply)
		d.queue.back(w)
	case Stale:
		d.renew(calls, w, reply, err)
	case Refused:
		d.stopFor(StopCredentials, err.Error(), err)
		d.queue.back(w)
	case Blocked:
		d.stopFor(StopOutage, err.Error(), err)
		d.queue.back(w)
	}
}

// failure is what a refused row becomes: a relation that could not be deleted
// is there still.
func (d *drain) failure() State {
	if d.Success == Undone {
		return Created
	}
	return Failed
}

// missed deals with a call that has no clear answer.
func (d *drain) missed(calls context.Context, w *work, class Class, reply Reply, err error) {
	if class == Doubt {
		if reply.Message == "" {
			reply.Message = err.Error()
		}
		w.Doubt, w.last = true, &reply
		w.unclear++
	}
	switch {
	case !d.unclear(calls, err):
		d.queue.back(w)
	case class == Doubt && d.givenUp(w):
		d.unanswered(w, "while other rows had one")
	default:
		w.ripe = class == Doubt && d.isRipe(w)
		d.later(w)
	}
}

// unclear counts a call without a clear answer; false means that we cut it
// ourselves, and that it says nothing of the row or the service.
func (d *drain) unclear(calls context.Context, err error) bool {
	d.Tally.unclear.Add(1)
	if calls.Err() != nil {
		return false
	}
	if n := d.breaker.missed(); n == unclearInARow {
		d.Log.Warn("the service does not answer: waiting, and probing with one call at a time",
			"location", d.Location, "last", err.Error())
	}
	return true
}

// later has a row sent again, or looked up, after a while.
func (d *drain) later(w *work) {
	if w.waits == nil {
		w.waits = waits(500*time.Millisecond, 30*time.Second)
	}
	wait := w.waits.NextBackOff()
	if w.ripe {
		wait = max(wait, readLag)
	}
	d.queue.after(w, wait)
}

// unanswered ends a row that is never answered, in the words of its last call.
func (d *drain) unanswered(w *work, but string) {
	last := *w.last
	last.Message = fmt.Sprintf("no clear answer in %d attempts, %s; the last: %s", w.Attempts+w.unclear, but, last.Message)
	d.settled(w, Outcome{State: d.failure(), Cause: CauseUnclear}, last)
}

// givenUp reports whether a row has had its attempts. One counts only if the
// service answered somebody else clearly since the one before: in an outage no
// row is at fault, however often it serves as the probe.
func (d *drain) givenUp(w *work) bool {
	if clears := d.breaker.clears(); clears > w.clear {
		w.counted++
		w.clear = clears
	}
	return w.counted >= d.limits.Attempts
}

// renew gets a newer credential, once for all calls that were refused with the
// same one, and sends the row again.
func (d *drain) renew(calls context.Context, w *work, reply Reply, refusal error) {
	w.stale++
	if w.stale >= maxStale {
		d.stopFor(StopCredentials, refusal.Error(), refusal)
		d.queue.back(w)
		return
	}
	ctx, cancel := context.WithTimeout(calls, d.limits.Timeout)
	defer cancel()
	if err := d.Sender.Renew(ctx, reply.Credential); err != nil && calls.Err() == nil {
		d.stopFor(StopCredentials, fmt.Sprintf("%v; %v", refusal, err), fmt.Errorf("%w; %w", refusal, err))
	}
	d.queue.back(w)
}

// settled sends a row's outcome to the writer.
func (d *drain) settled(w *work, o Outcome, reply Reply) {
	o.ID, o.Status, o.TraceID, o.RelationID = w.ID, reply.Status, reply.TraceID, reply.RelationID
	o.Attempts += w.Attempts + w.unclear
	o.At = time.Now()
	done := o.State
	if o.Cause != "" {
		o.Message = reply.Message
		done = Failed // a relation that could not be deleted is Created still, and nobody made it now
		d.show(w, o)
	}
	if o.State != Failed {
		o.Cause = ""
	}
	d.Tally.outcome(done)
	d.outcomes <- o
}

// mostShown is how many failed rows of a lane are told one by one.
const mostShown = 5

// show tells of a row that failed: the first ones as they come, the others only
// to who asked for everything. The ledger keeps them all.
func (d *drain) show(w *work, o Outcome) {
	level := slog.LevelDebug
	n := d.shown.Add(1)
	if n <= mostShown {
		level = slog.LevelWarn
	}
	d.Log.Log(context.Background(), level, "row failed", "line", w.Line, "pair", w.Relation.String(),
		"cause", o.Cause, "message", o.Message)
	if n == mostShown {
		d.Log.Warn("more rows that fail are not shown one by one: the ledger lists them all", "location", d.Location)
	}
}

func (d *drain) trace(ctx context.Context, kind string, w *work, reply Reply, err error, took time.Duration) {
	result := "carried out"
	if err != nil {
		result = err.Error()
	}
	d.Log.DebugContext(ctx, kind, "line", w.Line, "pair", w.Relation.String(),
		"status", reply.Status, "took", took.Round(time.Millisecond), "result", result)
}
