package importer

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// A work is one claimed item on its way through a lane.
type work struct {
	Item
	unclear int   // calls of this run that stayed without a clear answer
	calls   int   // calls of this run that count as attempts
	clear   int64 // the lane's clear answers when the first of them was made
	stale   int   // calls refused because the credential was out of date
	waits   *backoff.ExponentialBackOff
	due     time.Time

	recalled bool // put back by the writer while the dispatcher held it
}

// A queue holds a lane's claimed rows: those ready to be sent, and those in
// doubt that wait for their next attempt. next is called by one goroutine, the
// other methods by any.
type queue struct {
	wants chan<- struct{} // asks the writer for more
	batch int             // below this many ready rows more are wanted
	most  int             // outstanding rows above which no more are claimed

	mu          sync.Mutex
	again       []*work // ready, and first: rows that were turned away
	ready       []*work // in the order they were claimed
	later       dueHeap
	hand        *work // taken by the dispatcher, not yet launched
	outstanding int   // rows claimed that have neither ended nor been put back
	exhausted   bool  // the last claim found nothing
	wake        chan struct{}
}

func newQueue(wants chan<- struct{}, batch, most int) *queue {
	return &queue{wants: wants, batch: batch, most: most, wake: make(chan struct{}, 1)}
}

// next takes the row to be sent next. It blocks until there is one; nil means
// that nothing is left (done) or that ctx has ended.
func (q *queue) next(ctx context.Context) (w *work, done bool) {
	for {
		if ctx.Err() != nil {
			return nil, false
		}
		w, wait, done := q.take(time.Now())
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
func (q *queue) take(now time.Time) (w *work, wait time.Duration, done bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.again)+len(q.ready) < q.batch && !q.exhausted && q.outstanding < q.most {
		poke(q.wants)
	}
	switch {
	case len(q.later) > 0 && !q.later[0].due.After(now):
		w = heap.Pop(&q.later).(*work)
	case len(q.again) > 0:
		w = q.again[len(q.again)-1]
		q.again = q.again[:len(q.again)-1]
	case len(q.ready) > 0:
		w = q.ready[0]
		q.ready[0] = nil
		q.ready = q.ready[1:]
	case len(q.later) > 0:
		return nil, q.later[0].due.Sub(now), false
	default:
		return nil, time.Hour, q.exhausted && q.outstanding == 0
	}
	q.hand = w
	return w, 0, false
}

// launch says that the row in the dispatcher's hand goes to a worker; false
// means that it was put back meanwhile and must not be sent.
func (q *queue) launch(w *work) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.hand = nil
	return !w.recalled
}

// add brings newly claimed rows; none means that the ledger has no more.
func (q *queue) add(items []Item) {
	q.mu.Lock()
	q.exhausted = len(items) == 0
	q.outstanding += len(items)
	for _, item := range items {
		q.ready = append(q.ready, &work{Item: item})
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
	if !w.recalled {
		q.again = append(q.again, w)
	}
	q.mu.Unlock()
	poke(q.wake)
}

// after makes a row ready again when d has passed.
func (q *queue) after(w *work, d time.Duration) {
	w.due = time.Now().Add(d)
	q.mu.Lock()
	heap.Push(&q.later, w)
	q.mu.Unlock()
	poke(q.wake)
}

// ended says that a row has its outcome.
func (q *queue) ended() {
	q.mu.Lock()
	q.outstanding--
	last := q.outstanding == 0
	q.mu.Unlock()
	if last {
		poke(q.wake)
	}
}

// recall takes back all rows that are not in flight and of which no call can
// have been carried out. The queue claims anew afterwards.
func (q *queue) recall() []Item {
	return q.remove(func(w *work) bool { return !w.Doubt })
}

// doubtful takes what else is not in flight: rows in doubt that wait for their
// next attempt.
func (q *queue) doubtful() []Item {
	return q.remove(func(w *work) bool { return w.Doubt })
}

func (q *queue) remove(which func(*work) bool) (items []Item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	pick := func(from []*work) (rest []*work) {
		for _, w := range from {
			if !which(w) {
				rest = append(rest, w)
				continue
			}
			w.Attempts += w.unclear
			items = append(items, w.Item)
		}
		return rest
	}
	q.again, q.ready, q.later = pick(q.again), pick(q.ready), pick(q.later)
	heap.Init(&q.later)
	if w := q.hand; w != nil && which(w) {
		w.recalled, q.hand = true, nil
		items = append(items, w.Item)
	}
	q.outstanding -= len(items)
	q.exhausted = false
	return items
}

// poke wakes whoever waits on c, now or next.
func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// sleep waits for d, or for wake; false means that ctx has ended.
func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-wake:
	}
	return true
}

// A dueHeap orders waiting rows by when they are due: container/heap.
type dueHeap []*work

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)        { *h = append(*h, x.(*work)) }
func (h *dueHeap) Pop() any {
	old := *h
	w := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return w
}
