package importer

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// The dispatcher waits for a worker that is on its way back: it starts no more
// of them than there may be.
func TestHandStartsNoMoreWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drain{limits: Limits{Workers: 1}, breaker: newBreaker(time.Minute), calls: make(chan *work), started: 1}
		w := &work{}
		go d.hand(t.Context(), w)
		synctest.Wait()
		if got := <-d.calls; got != w {
			t.Errorf("got %v, want the row", got)
		}
	})
}

func TestStopTold(t *testing.T) {
	for _, c := range []struct{ first, second, want Stop }{
		{StopOutage, StopBroken, StopBroken},
		{StopBroken, StopOutage, StopBroken},
		{StopOutage, StopDatabase, StopOutage},
		{StopAlike, StopCredentials, StopCredentials},
	} {
		soft, halt := context.WithCancelCause(t.Context())
		d := &drain{Lane: &Lane{Log: slog.New(slog.DiscardHandler)}, halt: halt}
		d.stopFor(c.first, "", nil)
		d.stopFor(c.second, "", nil)
		if got := d.end(soft, true).Stop; got != c.want {
			t.Errorf("%v, then %v: told %v, want %v", c.first, c.second, got, c.want)
		}
	}
}

func TestQueueBounded(t *testing.T) {
	wants := make(chan struct{}, 1)
	q := newQueue(wants, newBatch(2), 1)
	q.away = func() bool { return false }
	q.add(make([]Item, 8*2+4))
	for range 8*2 + 4 {
		w, _, _ := q.take()
		q.launch(w)
		q.after(w, time.Hour)
	}
	if q.short() {
		t.Error("more rows are wanted while as many as may be are in doubt")
	}
	q.ended(1)
	if !q.short() {
		t.Error("no rows are wanted when one has ended")
	}
}

// A call that began before the lock was lost ends after it was taken again: its
// row goes back to the ledger, not out again.
func TestQueueStrays(t *testing.T) {
	q := newQueue(make(chan struct{}, 1), newBatch(2), 1)
	q.away = func() bool { return false }
	q.add([]Item{{ID: 1}, {ID: 2}, {ID: 3}})
	var flying []*work
	for range 2 {
		w, _, _ := q.take()
		q.launch(w)
		flying = append(flying, w)
	}
	if unsent, doubtful := q.recall(); len(unsent) != 1 || len(doubtful) != 0 {
		t.Errorf("recalled %v and %v, want the third row", unsent, doubtful)
	}
	q.back(flying[0])
	flying[1].Doubt, flying[1].unclear = true, 1
	q.after(flying[1], 0)
	if w, _, done := q.take(); w != nil || done {
		t.Errorf("took %v, done %v; want strays to be left alone, and waited for", w, done)
	}
	unsent, doubtful := q.strays()
	if len(unsent) != 1 || unsent[0].ID != 1 || len(doubtful) != 1 || doubtful[0].Attempts != 1 {
		t.Errorf("got strays %v and %v", unsent, doubtful)
	}
}

func TestAllTried(t *testing.T) {
	tried, fresh := &work{Item: Item{Doubt: true}}, &work{}
	for name, c := range map[string]struct {
		q    *queue
		want bool
	}{
		"all tried":           {&queue{exhausted: true, again: []*work{tried}, ready: []*work{tried}, later: dueHeap{tried}}, true},
		"more to be claimed":  {&queue{later: dueHeap{tried}}, false},
		"a row not tried":     {&queue{exhausted: true, ready: []*work{tried, fresh}}, false},
		"one turned away":     {&queue{exhausted: true, again: []*work{fresh}}, false},
		"one never sent":      {&queue{exhausted: true, later: dueHeap{tried, fresh}}, false},
		"rows for the ledger": {&queue{exhausted: true, stray: []*work{tried}}, false},
	} {
		if got := c.q.allTried(); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// A read that was answered lets the next one be made at once, and ends no outage.
func TestLooked(t *testing.T) {
	b := newBreaker(time.Minute)
	for range unclearInARow {
		b.began()
		b.missed()
	}
	b.began()
	b.looked()
	if wait, err := b.next(time.Now()); wait > 0 || err != nil || !b.away() {
		t.Errorf("wait %v, %v, away %v; want none, and the service away still", wait, err, b.away())
	}
}
