package importer

import (
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// A work is one claimed item on its way through a lane.
type work struct {
	Item
	unclear int    // calls of this run that stayed without a clear answer
	counted int    // those of them that count against the row: see givenUp
	clear   int64  // the lane's clear answers when the last of these was made
	stale   int    // calls refused because the credential was out of date
	absent  int    // reads since its last call that did not show it
	ripe    bool   // its last call was the last one before a read: see isRipe
	look    bool   // the call under way, or next, is a read
	last    *Reply // to its last call without a clear answer
	waits   *backoff.ExponentialBackOff
	due     time.Time

	holding  int  // the queue's holding under which it was claimed
	recalled bool // taken back by the writer while the dispatcher held it
}

// A queue holds a lane's claimed rows: those ready to be sent, and those in
// doubt that wait for their next attempt. next is called by one goroutine, the
// other methods by any.
type queue struct {
	wants   chan<- struct{} // asks the writer for more, and to see to strays
	away    func() bool     // whether the service counts as away
	workers int

	mu          sync.Mutex
	batch       batch
	again       []*work // ready, and first: rows that were turned away
	ready       []*work // in the order they were claimed
	later       dueHeap
	stray       []*work // came back from a call that began under an earlier holding
	hand        *work   // taken by the dispatcher, not yet launched
	outstanding int     // rows claimed that have neither ended nor been put back
	exhausted   bool    // the last claim found nothing
	holding     int     // rises each time the lock is taken again
	wake        chan struct{}
}

func newQueue(wants chan<- struct{}, batch batch, workers int) *queue {
	return &queue{wants: wants, batch: batch, workers: workers, wake: make(chan struct{}, 1)}
}

// next takes the row to be sent next. It blocks until there is one; nil means
// that nothing is left (done) or that ctx has ended.
func (q *queue) next(ctx context.Context) (w *work, done bool) {
	for {
		if ctx.Err() != nil {
			return nil, false
		}
		w, wait, done := q.take()
		if w != nil || done {
			return w, done
		}
		if !sleep(ctx, wait, q.wake) {
			return nil, false
		}
	}
}

// take returns a row that is ready, or else how long until one is due (a long
// time when none waits), or that all rows have ended.
func (q *queue) take() (w *work, wait time.Duration, done bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.isShort() {
		poke(q.wants)
	}
	if len(q.later) > 0 {
		wait = time.Until(q.later[0].due)
	}
	due := -1
	if len(q.later) > 0 && wait <= 0 {
		due = q.due()
	}
	switch {
	case due >= 0:
		w = heap.Remove(&q.later, due).(*work)
	case len(q.again) > 0:
		w = q.again[len(q.again)-1]
		q.again = q.again[:len(q.again)-1]
	case len(q.ready) > 0:
		w = q.ready[0]
		q.ready[0] = nil
		q.ready = q.ready[1:]
		q.batch.taken++
	case len(q.later) > 0:
		return nil, wait, false
	default:
		return nil, time.Hour, q.exhausted && q.outstanding == 0
	}
	q.hand = w
	return w, 0, false
}

// due is where in later the row stands that goes before all that are ready; -1
// where none does. While the service is away, rows not yet tried by this run go
// first: a few that it never answers would else be the only ones to probe it.
// But of many that it never answers, each run would try the first ones and look
// none of them up.
func (q *queue) due() int {
	if len(q.again)+len(q.ready) == 0 || !q.away() {
		return 0
	}
	if !q.isAllTried() {
		return -1
	}
	return slices.IndexFunc(q.later, func(w *work) bool { return w.ripe && time.Until(w.due) <= 0 })
}

// short reports whether more rows should be claimed.
func (q *queue) short() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.isShort()
}

// isShort: less than a batch is ready, and not too much is in doubt.
func (q *queue) isShort() bool {
	return len(q.again)+len(q.ready) < q.batch.size && !q.exhausted && q.outstanding < 8*q.batch.size+4*q.workers
}

// order is how many rows to claim now.
func (q *queue) order() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.batch.claim(time.Now())
}

// launch says that the row in the dispatcher's hand goes to a worker; false
// means that it was taken back meanwhile and must not be sent.
func (q *queue) launch(w *work) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.hand = nil
	return !w.recalled
}

// add brings newly claimed rows; none means that the ledger has no more.
func (q *queue) add(items []Item) {
	works := make([]work, len(items))
	q.mu.Lock()
	q.exhausted = len(items) == 0
	q.outstanding += len(items)
	if len(q.ready) == 0 {
		q.ready = make([]*work, 0, len(items))
	}
	for i, item := range items {
		works[i] = work{Item: item, holding: q.holding}
		q.ready = append(q.ready, &works[i])
	}
	q.mu.Unlock()
	poke(q.wake)
}

// back makes a row ready again, before all others: it was turned away, or
// taken and not launched.
func (q *queue) back(w *work) {
	q.mu.Lock()
	if q.hand == w {
		q.hand = nil
	}
	switch {
	case w.recalled:
	case w.holding != q.holding:
		q.strayed(w)
	default:
		q.again = append(q.again, w)
	}
	q.mu.Unlock()
	poke(q.wake)
}

// after makes a row ready again when d has passed.
func (q *queue) after(w *work, d time.Duration) {
	w.due = time.Now().Add(d)
	q.mu.Lock()
	if w.holding != q.holding {
		q.strayed(w)
	} else {
		heap.Push(&q.later, w)
	}
	q.mu.Unlock()
	poke(q.wake)
}

// strayed keeps a row from being sent on the strength of a claim that another
// run may have taken over, and ended, while the lock was lost.
func (q *queue) strayed(w *work) {
	q.stray = append(q.stray, w)
	poke(q.wants)
}

// ended says that so many rows have their outcomes.
func (q *queue) ended(n int) {
	q.mu.Lock()
	q.outstanding -= n
	q.mu.Unlock()
	poke(q.wake)
}

// strays takes the rows that strayed.
func (q *queue) strays() (unsent, doubtful []Item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.remove(&q.stray)
}

// recall takes all rows that are not in flight: those of which no call can have
// been carried out, and those in doubt. Rows in flight are strays from now on,
// and the queue claims anew.
func (q *queue) recall() (unsent, doubtful []Item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.holding++
	if q.hand != nil {
		q.hand.recalled = true
		q.again = append(q.again, q.hand)
		q.hand = nil
	}
	q.exhausted = false
	return q.remove(&q.again, &q.ready, (*[]*work)(&q.later), &q.stray)
}

// remove must be called with mu held.
func (q *queue) remove(lists ...*[]*work) (unsent, doubtful []Item) {
	for _, list := range lists {
		for _, w := range *list {
			w.Attempts += w.unclear
			if w.Doubt {
				doubtful = append(doubtful, w.Item)
			} else {
				unsent = append(unsent, w.Item)
			}
		}
		*list = nil
	}
	if n := len(unsent) + len(doubtful); n > 0 {
		q.outstanding -= n
		q.exhausted = false
	}
	return unsent, doubtful
}
