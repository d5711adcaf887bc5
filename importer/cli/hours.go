package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"relink/importer"
	"relink/importer/pace"
)

// lookAgain is how long a wait for a time of day may be before the wall clock is
// looked at again: the one behind timers stands still while a machine sleeps,
// and somebody may set the other.
const lookAgain = time.Minute

// hours are the times of day in which sending is allowed.
type hours struct {
	between pace.Between
	wait    bool // outside them wait, in place of stopping
}

// during returns a context that ends with StopWindow when the hours do, at once
// if they have not begun.
func (h hours) during(soft context.Context) (context.Context, func()) {
	ctx, stop := context.WithCancelCause(soft)
	if h.between == (pace.Between{}) {
		return ctx, func() { stop(nil) }
	}
	if !h.between.Open(time.Now()) {
		stop(importer.StopWindow)
	}
	var watching sync.WaitGroup
	watching.Go(func() {
		until(ctx, h.between.Closes)
		stop(importer.StopWindow)
	})
	return ctx, func() {
		stop(nil)
		watching.Wait()
	}
}

// begin waits for the hours, if that is wanted, or until ctx ends.
func (h hours) begin(ctx context.Context) {
	if h.wait {
		until(ctx, h.between.Opens)
	}
}

// until waits for the time that next tells from now on (zero: there is none), or
// until ctx ends.
func until(ctx context.Context, next func(time.Time) time.Time) {
	for ctx.Err() == nil {
		now := time.Now().Round(0) // without the clock that stands still
		at, wait := next(now), lookAgain
		if !at.IsZero() {
			wait = at.Sub(now)
		}
		if wait <= 0 {
			return
		}
		timer := time.NewTimer(min(wait, lookAgain))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// closed says in words that now lies outside the hours; empty if it does not.
func (h hours) closed(now time.Time) string {
	if h.between.Open(now) {
		return ""
	}
	return fmt.Sprintf("it is %s, and sending is allowed %s: from %s on", now.Format("15:04"), h.between,
		h.between.Opens(now).Format("2006-01-02 15:04"))
}
