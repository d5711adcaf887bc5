package importer

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// A Lane is the work on one location: its own ledger, credential, pace,
// workers and stop. Every field but Looker, Ended and
// the limits' defaults must be set.
type Lane struct {
	Location string
	Ledger   Ledger
	Sender   Sender
	Looker   Looker // nil: rows are never looked up
	Pacer    Pacer
	Success  State // what a call that was carried out makes of a row: Created or Undone
	Limits   Limits
	Log      *slog.Logger
	Tally    *Tally
	Ended    func(End) // told when the lane has ended, which others may outlast by hours
}

// Limits bound what a lane does. The zero value of a field takes the default
// that stands beside it.
type Limits struct {
	Workers        int           // calls in flight at most (16)
	Batch          int           // rows claimed at a time at most (1000); a lane claims about a second's worth
	Attempts       int           // tries of a row that stays unclear (5)
	Timeout        time.Duration // one call (30 s)
	Grace          time.Duration // for calls in flight after a soft stop (20 s)
	OutageLimit    time.Duration // the service or the database away (15 min)
	Wait           time.Duration // for a location that another run holds (0: not at all)
	StopAfterAlike int           // stop when the first so many answers fail alike (0: never)
}

func (l Limits) withDefaults() Limits {
	set(&l.Workers, 16)
	set(&l.Batch, 1000)
	set(&l.Attempts, 5)
	set(&l.Timeout, 30*time.Second)
	set(&l.Grace, 20*time.Second)
	set(&l.OutageLimit, 15*time.Minute)
	return l
}

func set[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// An End is how a lane's work ended.
type End struct {
	Location string
	Stop     Stop
	Detail   string // what made it stop, for people
	Err      error  // what made it stop, where that was an error
}

// Run drains lanes side by side and returns how each ended, in their order.
// One that stops holds up no other.
//
// When soft ends, no lane starts anything new: calls in flight may finish
// within the grace time, what was not sent is put back, every outcome is
// settled. The cause of soft is the Stop that the lanes report. When hard ends
// everything is dropped, as in a crash; hard must end no earlier than soft.
func Run(hard, soft context.Context, lanes []*Lane) []End {
	ends := make([]End, len(lanes))
	var wg sync.WaitGroup
	for i, lane := range lanes {
		wg.Go(func() {
			ends[i] = lane.run(hard, soft)
			if lane.Ended != nil {
				lane.Ended(ends[i])
			}
		})
	}
	wg.Wait()
	return ends
}

func (l *Lane) run(hard, soft context.Context) End {
	soft, halt := context.WithCancelCause(soft)
	defer halt(nil)
	defer context.AfterFunc(hard, func() { halt(context.Cause(hard)) })()
	d := &drain{
		Lane:   l,
		limits: l.Limits.withDefaults(),
		halt:   halt,
		wants:  make(chan struct{}, 1),
		asks:   make(chan chan error),
		calls:  make(chan *work),
	}
	if l.Success == Created { // of what was to be deleted a read proves nothing
		d.looker = l.Looker
	}
	// Room for more would spare the workers from standing still while a
	// settlement is written (a claim's worth: drain 0.68 of a bare loop in
	// place of 0.54), but what waits here is answered and not settled, and a
	// crash leaves it in doubt: so it is bounded by the workers, like the
	// calls in flight.
	d.outcomes = make(chan Outcome, 2*d.limits.Workers)
	d.free = make(chan struct{}, d.limits.Workers)
	d.queue = newQueue(d.wants, newBatch(d.limits.Batch), d.limits.Workers)
	d.breaker = newBreaker(d.limits.OutageLimit)
	d.queue.away = d.breaker.away
	d.alike.limit = d.limits.StopAfterAlike
	return d.run(hard, soft)
}
