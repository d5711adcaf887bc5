package cli

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/pace"
)

// recordEvery is how often lanes record what they spent of their allowance. A
// run that follows a killed one has to assume the worst for as long.
const recordEvery = 500 * time.Millisecond

// A follower is the pacer of a lane that begins where the run before it left
// off: killed and started again inside a window, it meets no 429.
type follower struct {
	*pace.Lane
	id       int64
	ledger   *ledger
	log      *slog.Logger
	asked    bool        // the dispatcher's own
	followed atomic.Bool // from now on the allowance in the ledger is ours
}

var _ importer.Pacer = (*follower)(nil)

// Wait looks into the ledger before its first call and not earlier: by then the
// lane holds its lock, and the run before it has ended for certain.
func (f *follower) Wait(ctx context.Context) error {
	if !f.asked {
		f.asked = true
		if err := f.follow(ctx); err != nil && ctx.Err() == nil {
			f.log.Warn("what an earlier run spent of the window is not known", "error", err)
		}
	}
	return f.Lane.Wait(ctx)
}

// follow takes up what is recorded, and records at once that this run goes on
// from there: killed right after, it must not look as if nobody had sent.
func (f *follower) follow(ctx context.Context) error {
	known, err := f.ledger.Allowances(ctx, f.id)
	if err != nil {
		return err
	}
	if a, ok := known[f.id]; ok {
		t := pace.Trail{Told: pace.Rate{Max: a.Max, Interval: a.Interval}, Span: a.Span, InFlight: a.InFlight}
		for i, n := range a.Ended[:min(len(a.Ended), len(t.Ended))] {
			t.Ended[i] = int(n)
		}
		f.Follow(t, pace.Past{Age: a.Age, Open: a.Open})
	}
	f.followed.Store(true)
	return f.ledger.Record(ctx, f.allowance(true))
}

// allowance is what the lane spent so far; open: it may spend more.
func (f *follower) allowance(open bool) checkpoint.Allowance {
	t := f.Trail()
	a := checkpoint.Allowance{
		Lane: f.id, Open: open, Max: t.Told.Max, Interval: t.Told.Interval, Span: t.Span, InFlight: t.InFlight,
		Ended: make([]int32, len(t.Ended)), DailyLimit: t.DailyLimit, DailyRemaining: t.DailyRemaining, DailyReset: t.DailyReset,
	}
	for i, n := range t.Ended {
		a.Ended[i] = int32(min(n, 1<<30))
	}
	return a
}

// record keeps the allowances of lanes in the ledger until it is called; then
// it records them for good.
func (r *run) record(lanes []*lane) (stop func()) {
	tell := func(ctx context.Context, open bool) {
		ctx, done := context.WithTimeout(ctx, 10*time.Second)
		defer done()
		var changed []checkpoint.Allowance
		for _, l := range lanes {
			// One that sends nothing adds nothing to what is recorded.
			sent := l.tally.Counts().Sent
			if !l.follower.followed.Load() || open && sent == l.recorded {
				continue
			}
			l.recorded = sent
			changed = append(changed, l.follower.allowance(open))
		}
		if err := r.ledger.Record(ctx, changed...); err != nil {
			r.screen.Log().Debug("recording the allowance", "error", err)
		}
	}
	for _, l := range lanes {
		l.recorded = -1 // a lane that was drained before is open again
	}
	tell(r.hard, true)
	ctx, cancel := context.WithCancel(r.hard)
	var recording sync.WaitGroup
	recording.Go(func() {
		tick := time.NewTicker(recordEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				tell(ctx, true)
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		recording.Wait()
		tell(r.hard, false)
	}
}
