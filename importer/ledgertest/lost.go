package ledgertest

import "relink/importer"

// refuses checks that no write of a lane goes through and that none is applied.
func (b *trial) refuses(lane importer.Ledger, items []importer.Item) {
	b.Helper()
	before := b.States()
	b.ends(lane.Check(b.Context()), importer.ErrLost)
	_, err := lane.Claim(b.Context(), 10)
	b.ends(err, importer.ErrLost)
	b.ends(lane.Settle(b.Context(), outcomes(created, items...)), importer.ErrLost)
	b.ends(lane.Release(b.Context(), items), importer.ErrLost)
	b.ends(lane.Keep(b.Context(), items), importer.ErrLost)
	for relation, state := range b.States() {
		if before[relation] != state {
			b.Errorf("%v: was %q, is %q after writes without the lock", relation, before[relation], state)
		}
	}
}

func closedRefuses(b *trial) {
	lane := b.loaded(3)
	items := b.claim(lane, 2, false, 0, 1)
	b.ok(lane.Close(b.Context()))
	b.refuses(lane, items)
	b.open("loc")
	b.refuses(lane, items)
}

func lostRefuses(b *trial) {
	lane := b.loaded(3)
	items := b.claim(lane, 2, false, 0, 1)
	b.Kill(lane)
	b.refuses(lane, items)
	next := b.open("loc")
	b.refuses(lane, items)
	b.claim(next, 5, true, 0, 1)
	b.refuses(lane, items)
	b.ends(lane.Open(b.Context()), importer.ErrBusy)
	b.refuses(lane, items)
}

func doubtAfterKill(b *trial) {
	lane := b.loaded(5)
	items := b.claim(lane, 4, false, 0, 1, 2, 3)
	b.settle(lane, created, items[1])
	b.ok(lane.Release(b.Context(), items[3:]))
	b.Kill(lane)
	b.states(sending, created, sending, pending, pending)
	next := b.open("loc")
	b.settle(next, created, b.claim(next, 10, true, 0, 2)...)
	b.claim(next, 10, false, 3, 4)
	b.claim(next, 10, false)
}

func doubtFirst(b *trial) {
	lane := b.loaded(6)
	b.settle(lane, created, b.claim(lane, 2, false, 0, 1)...)
	b.claim(lane, 2, false, 2, 3)
	b.claim(lane, 1, false, 4)
	b.Kill(lane)
	b.Load(pair("loc", 6))
	next := b.open("loc")
	b.claim(next, 2, true, 2, 3) // a claim at a time, the oldest first
	b.claim(next, 2, true, 4)
	b.claim(next, 1, false, 5)
	b.claim(next, 10, false, 6)
	b.claim(next, 10, false)
}

func doubtAgainAndAgain(b *trial) {
	lane := b.loaded(3)
	b.claim(lane, 2, false, 0, 1)
	b.Kill(lane)
	for range 3 {
		lane = b.open("loc")
		b.claim(lane, 10, true, 0, 1)
		b.Kill(lane)
	}
	lane = b.open("loc")
	b.settle(lane, created, b.claim(lane, 10, true, 0, 1)...)
	b.claim(lane, 10, false, 2)
	b.states(created, created, sending)
}

// keep keeps one item after three more attempts.
func (b *trial) keep(lane importer.Ledger, item importer.Item) {
	b.Helper()
	item.Attempts += 3
	b.ok(lane.Keep(b.Context(), []importer.Item{item}))
}

func keptForNext(b *trial) {
	lane := b.loaded(3)
	items := b.claim(lane, 2, false, 0, 1)
	b.settle(lane, created, items[0])
	b.keep(lane, items[1])
	b.states(created, sending, pending)
	b.ok(lane.Close(b.Context()))
	next := b.open("loc")
	kept := b.claim(next, 5, true, 1)
	if kept[0].Attempts != 3 {
		b.Errorf("got %d attempts, want 3", kept[0].Attempts)
	}
	b.keep(next, kept[0])
	b.Kill(next)
	next = b.open("loc")
	if kept = b.claim(next, 5, true, 1); kept[0].Attempts != 6 {
		b.Errorf("got %d attempts, want 6", kept[0].Attempts)
	}
}

func keptForSame(b *trial) {
	lane := b.loaded(3)
	items := b.claim(lane, 1, false, 0)
	b.keep(lane, items[0])
	b.states(sending, pending, pending)
	kept := b.claim(lane, 2, true, 0)
	if kept[0].Attempts != 3 {
		b.Errorf("got %d attempts, want 3", kept[0].Attempts)
	}
	b.settle(lane, created, kept...)
	b.claim(lane, 5, false, 1, 2)
	b.claim(lane, 5, false)
	b.states(created, sending, sending)
}

// A row that is kept out of a claim stays in doubt when the others of that claim
// end, and comes back once.
func keptBesideFlight(b *trial) {
	lane := b.loaded(4)
	items := b.claim(lane, 3, false, 0, 1, 2)
	b.keep(lane, items[1])
	b.settle(lane, created, items[0])
	b.settle(lane, created, items[2])
	b.states(created, sending, created, pending)
	kept := b.claim(lane, 1, true, 1)
	b.claim(lane, 5, false, 3)
	b.claim(lane, 5, false)
	b.Kill(lane)
	next := b.open("loc")
	b.settle(next, created, b.claim(next, 5, true, 1)...)
	b.settle(next, failed, kept...)
	b.states(created, created, created, sending)
}

func reopenDoublesNothing(b *trial) {
	lane := b.loaded(6)
	items := b.claim(lane, 4, false, 0, 1, 2, 3)
	b.settle(lane, created, items[0])
	b.Kill(lane)
	b.ok(lane.Open(b.Context()))
	b.ok(lane.Release(b.Context(), items[1:2]))
	// 2 and 3 are in flight still: neither they nor their doubt come back.
	b.claim(lane, 1, false, 1)
	b.claim(lane, 5, false, 4, 5)
	b.claim(lane, 5, false)
	b.settle(lane, created, items[2:]...)
	b.states(created, sending, created, created, sending, sending)
}

func reopenLosesNothing(b *trial) {
	lane := b.loaded(3)
	b.claim(lane, 2, false, 0, 1)
	b.Kill(lane)
	other := b.open("loc")
	b.claim(other, 5, true, 0, 1)
	b.Kill(other)
	b.ok(lane.Open(b.Context()))
	b.claim(lane, 5, false, 2)
	b.Kill(lane)
	b.states(sending, sending, sending)
	next := b.open("loc")
	b.claimAllInDoubt(next, 3)
}

// claimAllInDoubt claims, in any number of claims, n rows in doubt and no other.
func (b *trial) claimAllInDoubt(lane importer.Ledger, n int) {
	b.Helper()
	for {
		items, err := lane.Claim(b.Context(), 10)
		b.ok(err)
		if len(items) == 0 {
			break
		}
		for _, item := range items {
			if n--; !item.Doubt {
				b.Errorf("%v: not in doubt", item.Relation)
			}
		}
	}
	if n != 0 {
		b.Errorf("%d rows in doubt did not come back", n)
	}
}

func reopenAfterClose(b *trial) {
	lane := b.loaded(5)
	b.settle(lane, created, b.claim(lane, 1, false, 0)...)
	items := b.claim(lane, 2, false, 1, 2)
	b.ok(lane.Release(b.Context(), items))
	b.ok(lane.Close(b.Context()))
	other := b.open("loc")
	b.claim(other, 2, false, 1, 2)
	b.Kill(other)
	b.ok(lane.Open(b.Context()))
	b.claim(lane, 5, true, 1, 2)
	b.claim(lane, 5, false, 3, 4)
}

func takenOverRelease(b *trial) {
	lane := b.loaded(4)
	items := b.claim(lane, 2, false, 0, 1)
	b.Kill(lane)
	other := b.open("loc")
	b.claim(other, 5, true, 0, 1)
	b.Kill(other)
	b.ok(lane.Open(b.Context()))
	b.ok(lane.Release(b.Context(), items))
	b.states(sending, sending, pending, pending)
	b.claim(lane, 5, true, 0, 1)
	b.claim(lane, 5, false, 2, 3)
}

func takenOverSettled(b *trial) {
	lane := b.loaded(4)
	items := b.claim(lane, 3, false, 0, 1, 2)
	b.Kill(lane)
	other := b.open("loc")
	b.settle(other, created, b.claim(other, 5, true, 0, 1, 2)...)
	b.ok(other.Close(b.Context()))
	b.ok(lane.Open(b.Context()))
	b.settle(lane, failed, items[0])
	b.keep(lane, items[1])
	b.ok(lane.Release(b.Context(), items[2:]))
	b.states(created, created, created, pending)
	b.claim(lane, 5, false, 3)
	b.claim(lane, 5, false)
}
