package ledgertest

import (
	"context"

	"relink/importer"
)

// Settle writes outcomes.
func (l *MemoryLane) Settle(ctx context.Context, outcomes []importer.Outcome) error {
	return l.do(ctx, Settle, func() error {
		for _, o := range outcomes {
			r := l.store.byID[o.ID-1]
			switch o.State {
			case importer.Created, importer.Existing, importer.Failed, importer.Undone:
			default:
				l.store.breach("settled as %q", o.State)
			}
			if r.state == l.from {
				r.state, r.uncertain, r.cause, r.attempts = o.State, o.Uncertain, o.Cause, o.Attempts
				r.message = o.Message
			}
			l.drop(r)
			delete(l.outstanding, o.ID)
		}
		return nil
	})
}

// Release puts claimed relations back.
func (l *MemoryLane) Release(ctx context.Context, items []importer.Item) error {
	return l.do(ctx, Release, func() error {
		for _, item := range items {
			if r := l.store.byID[item.ID-1]; r.claim != nil && r.claim.owner == l {
				l.drop(r)
			}
			delete(l.outstanding, item.ID)
		}
		l.cursor, l.inherited = 0, false
		return nil
	})
}

// Keep stores the attempts of relations that stay in doubt.
func (l *MemoryLane) Keep(ctx context.Context, items []importer.Item) error {
	return l.do(ctx, Keep, func() error {
		for _, item := range items {
			if r := l.store.byID[item.ID-1]; r.state == l.from {
				r.attempts = item.Attempts
			}
			delete(l.outstanding, item.ID)
		}
		l.inherited = false
		return nil
	})
}

// Check ends with ErrLost where the lane holds its lock no longer.
func (l *MemoryLane) Check(ctx context.Context) error {
	return l.do(ctx, Check, func() error { return nil })
}

// Close gives the lock back.
func (l *MemoryLane) Close(ctx context.Context) error {
	return l.do(ctx, Close, func() error {
		l.at.holder = nil
		return nil
	})
}
