package ledgertest

import (
	"time"

	"relink/importer"
)

const (
	pending  = importer.Pending
	sending  = importer.Sending
	created  = importer.Created
	existing = importer.Existing
	failed   = importer.Failed
)

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func claimsInOrder(b *trial) {
	lane := b.loaded(5)
	items := b.claim(lane, 2, false, 0, 1)
	b.states(sending, sending, pending, pending, pending)
	if items[0].Line >= items[1].Line {
		b.Errorf("got lines %d, %d, want them in order", items[0].Line, items[1].Line)
	}
	b.claim(lane, 2, false, 2, 3)
	b.claim(lane, 2, false, 4)
	b.claim(lane, 2, false)
	b.claim(lane, 2, false)
}

func claimSkipsSettled(b *trial) {
	lane := b.loaded(4)
	b.settle(lane, created, b.claim(lane, 2, false, 0, 1)...)
	b.ok(lane.Close(b.Context()))
	next := b.open("loc")
	b.claim(next, 10, false, 2, 3)
	b.states(created, created, sending, sending)
}

func claimsShareNothing(b *trial) {
	lane := b.loaded(40)
	seen := map[int64]bool{}
	for range 10 {
		items, err := lane.Claim(b.Context(), 4)
		b.ok(err)
		for _, item := range items {
			if seen[item.ID] {
				b.Errorf("%v claimed twice", item.Relation)
			}
			seen[item.ID] = true
		}
	}
	if len(seen) != 40 {
		b.Errorf("claimed %d rows, want 40", len(seen))
	}
	b.ends(b.Lane("loc").Open(b.Context()), importer.ErrBusy)
}

func locationsApart(b *trial) {
	b.Load(pair("loc", 0), pair("other", 0), pair("loc", 1), pair("other", 1))
	lane, other := b.open("loc"), b.open("other")
	b.claim(lane, 10, false, 0, 1)
	b.Kill(lane)
	items, err := other.Claim(b.Context(), 10)
	b.ok(err)
	if len(items) != 2 || items[0].Relation != pair("other", 0) || items[0].Doubt {
		b.Errorf("got %v, want the two fresh pairs of the other location", items)
	}
	b.settle(other, created, items...)
	b.states(sending, sending)
}

func repeatedPairs(b *trial) {
	b.Load(pair("loc", 0), pair("loc", 1), pair("loc", 0), pair("loc", 0))
	b.Load(pair("loc", 1), pair("loc", 2))
	lane := b.open("loc")
	b.settle(lane, created, b.claim(lane, 2, false, 0, 1)...)
	b.settle(lane, created, b.claim(lane, 10, false, 2)...)
	b.claim(lane, 10, false)
}

func settleTwice(b *trial) {
	lane := b.loaded(2)
	items := b.claim(lane, 2, false, 0, 1)
	b.settle(lane, created, items...)
	b.settle(lane, failed, items...)
	b.states(created, created)
	b.claim(lane, 2, false)
}

func repeatedOutcomes(b *trial) {
	lane := b.loaded(3)
	items := b.claim(lane, 3, false, 0, 1, 2)
	b.settle(lane, created, items[0], items[1], items[0], items[0])
	b.states(created, created, sending)
	b.settle(lane, created, items[2])
	b.ok(lane.Settle(b.Context(), nil))
	b.ok(lane.Close(b.Context()))
	b.claim(b.open("loc"), 3, false)
}

func outcomesKept(b *trial) {
	lane := b.loaded(3)
	items := b.claim(lane, 3, false, 0, 1, 2)
	b.settle(lane, created, items[0])
	b.settle(lane, existing, items[1])
	b.settle(lane, failed, items[2])
	b.states(created, existing, failed)
	b.Kill(lane)
	b.claim(b.open("loc"), 3, false)
	b.states(created, existing, failed)
}

func releasePutsBack(b *trial) {
	lane := b.loaded(5)
	first := b.claim(lane, 2, false, 0, 1)
	b.claim(lane, 2, false, 2, 3)
	b.ok(lane.Release(b.Context(), first))
	b.states(pending, pending, sending, sending, pending)
	b.settle(lane, created, b.claim(lane, 10, false, 0, 1, 4)...)
	b.claim(lane, 10, false)
	b.states(created, created, sending, sending, created)
}

func releaseTwice(b *trial) {
	lane := b.loaded(3)
	items := b.claim(lane, 2, false, 0, 1)
	b.ok(lane.Release(b.Context(), nil))
	b.ok(lane.Keep(b.Context(), nil))
	b.ok(lane.Release(b.Context(), items[:1]))
	b.ok(lane.Release(b.Context(), items[:1]))
	b.states(pending, sending, pending)
	b.settle(lane, created, items[1])
	b.claim(lane, 3, false, 0, 2)
}

func busyLocation(b *trial) {
	lane := b.loaded(1)
	second := b.Lane("loc")
	b.ends(second.Open(b.Context()), importer.ErrBusy)
	b.ends(second.Open(b.Context()), importer.ErrBusy)
	if _, err := second.Claim(b.Context(), 1); err == nil {
		b.Error("a lane without the lock could claim")
	}
	b.ok(lane.Close(b.Context()))
	b.ok(second.Open(b.Context()))
	b.ends(lane.Open(b.Context()), importer.ErrBusy)
	b.claim(second, 1, false, 0)
}

func openTwice(b *trial) {
	lane := b.loaded(4)
	b.claim(lane, 2, false, 0, 1)
	b.ok(lane.Open(b.Context()))
	b.ok(lane.Check(b.Context()))
	b.claim(lane, 2, false, 2, 3)
	b.ok(lane.Close(b.Context()))
	next := b.open("loc") // one Close ends any number of Opens
	b.ok(next.Check(b.Context()))
}

func newLines(b *trial) {
	lane := b.loaded(2)
	b.settle(lane, created, b.claim(lane, 5, false, 0, 1)...)
	b.ok(lane.Close(b.Context()))
	b.Load(pairs("loc", 4)...)
	b.claim(b.open("loc"), 5, false, 2, 3)
}
