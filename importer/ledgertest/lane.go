package ledgertest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"relink/importer"
)

// A MemoryLane is one run's ledger of one location.
type MemoryLane struct {
	store *Memory
	name  string
	at    *location
	from  importer.State // in which its relations wait: Pending, or Created to undo

	busy        atomic.Int32
	outstanding map[int64]bool
	cursor      int  // of the location's records
	inherited   bool // nothing is left to be taken over
}

var _ importer.Ledger = (*MemoryLane)(nil)

// Location is where the lane works.
func (l *MemoryLane) Location() string { return l.name }

// do carries out one operation as the store's Fault will have it.
func (l *MemoryLane) do(ctx context.Context, op Op, f func() error) error {
	if l.busy.Add(1) > 1 {
		l.store.mu.Lock()
		l.store.breach("%s called while another call is under way", op)
		l.store.mu.Unlock()
	}
	defer l.busy.Add(-1)
	var fault Fault
	if l.store.Fault != nil {
		fault = l.store.Fault(l, op)
	}
	if err := l.pass(ctx, fault.Before); err != nil {
		return err
	}
	err := l.apply(op, fault, f)
	if late := l.pass(ctx, fault.After); late != nil {
		return late
	}
	return err
}

func (l *MemoryLane) apply(op Op, fault Fault, f func() error) error {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	if op != Open && l.at.holder != l {
		return fmt.Errorf("%s: %w", op, importer.ErrLost)
	}
	if fault.Err == nil || fault.Applied {
		if err := f(); err != nil {
			return err
		}
	}
	if fault.Err == nil {
		return nil
	}
	err := fmt.Errorf("%s: %w", op, fault.Err)
	if importer.ErrLost == fault.Err {
		l.lose(0)
	}
	return err
}

// pass lets time go by; a context that ends costs the connection.
func (l *MemoryLane) pass(ctx context.Context, d time.Duration) error {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		l.store.mu.Lock()
		l.lose(0)
		l.store.mu.Unlock()
		return err
	}
	return nil
}

// lose must be called with the store's mu held.
func (l *MemoryLane) lose(lock time.Duration) {
	if l.at.holder == l {
		l.at.holder, l.at.ghost = nil, time.Now().Add(lock)
	}
}

// Open takes the location's lock.
func (l *MemoryLane) Open(ctx context.Context) error {
	return l.do(ctx, Open, func() error {
		switch {
		case l.at.holder == l:
			return nil
		case l.at.holder != nil, time.Now().Before(l.at.ghost):
			return importer.ErrBusy
		}
		l.at.holder = l
		l.cursor, l.inherited = 0, false
		return nil
	})
}

// Claim takes over what was left behind, or claims the next relations.
func (l *MemoryLane) Claim(ctx context.Context, n int) (items []importer.Item, err error) {
	err = l.do(ctx, Claim, func() error {
		if items = l.takeOver(); items == nil {
			items = l.next(n)
		}
		return nil
	})
	if err != nil { // claimed or not, the caller does not learn of it
		l.store.mu.Lock()
		for _, item := range items {
			delete(l.outstanding, item.ID)
		}
		l.cursor, l.inherited = 0, false
		l.store.mu.Unlock()
		return nil, err
	}
	return items, nil
}

func (l *MemoryLane) takeOver() (items []importer.Item) {
	if l.inherited {
		return nil
	}
	left := l.oldest()
	if left == nil {
		l.inherited = true
		return nil
	}
	c := l.newClaim()
	for id, r := range left.of {
		l.take(c, r)
		if r.state == l.from && !l.outstanding[id] {
			items = append(items, r.item(true))
			l.outstanding[id] = true
		}
	}
	slices.SortFunc(items, func(a, b importer.Item) int { return cmp.Compare(a.Line, b.Line) })
	return items
}

func (l *MemoryLane) next(n int) (items []importer.Item) {
	var c *claim
	for ; l.cursor < len(l.at.records) && len(items) < n; l.cursor++ {
		r := l.at.records[l.cursor]
		if r.state != l.from || r.claim != nil {
			continue
		}
		if c == nil {
			c = l.newClaim()
		}
		l.take(c, r)
		items = append(items, r.item(false))
		l.outstanding[r.id] = true
	}
	return items
}

func (l *MemoryLane) newClaim() *claim {
	l.at.last++
	c := &claim{id: l.at.last, owner: l, of: map[int64]*record{}}
	l.at.claims[c.id] = c
	return c
}

func (l *MemoryLane) take(c *claim, r *record) {
	l.drop(r)
	r.claim, c.of[r.id] = c, r
}

// drop takes a relation out of its claim.
func (l *MemoryLane) drop(r *record) {
	if c := r.claim; c != nil {
		delete(c.of, r.id)
		if len(c.of) == 0 {
			delete(l.at.claims, c.id)
		}
		r.claim = nil
	}
}

func (r *record) item(doubt bool) importer.Item {
	return importer.Item{ID: r.id, Line: r.line, Relation: r.relation, Attempts: r.attempts, Doubt: doubt}
}
