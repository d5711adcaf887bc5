package importer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"relink/importer"
	"relink/importer/ledgertest"
)

func TestDrain(t *testing.T) {
	play(t, 30, func(w *world) {
		began := time.Now()
		w.ended(w.drain(), importer.StopNone)
		w.invariant()
		if w.service.again != 0 || w.service.sent() != 30 {
			t.Errorf("sent %d, %d again; want each of 30 rows once", w.service.sent(), w.service.again)
		}
		if took := time.Since(began); took > 3100*time.Millisecond {
			t.Errorf("took %v at 10 a second, want 3 s", took)
		}
		for i, r := range w.service.order {
			if r != w.all[i] {
				t.Fatalf("call %d was for %v, want the order of the file", i, r)
			}
		}
		if got := w.tally.Counts(); got != (importer.Counts{Sent: 30, Created: 30}) {
			t.Errorf("got %+v, want 30 sent and created", got)
		}
	})
}

func TestNothingToDo(t *testing.T) {
	play(t, 0, func(w *world) { w.ended(w.drain(), importer.StopNone) })
}

// At full speed workers stay within their number and claims within theirs.
func TestWorkersBounded(t *testing.T) {
	play(t, 300, func(w *world) {
		w.gap = 0
		w.service.react = func(n int, _ importer.Item) reaction {
			if claimed := w.memory.Claimed(); claimed > 8*3+4*4+3 {
				t.Errorf("%d rows claimed at once", claimed)
			}
			return reaction{after: time.Duration(n%7) * time.Millisecond}
		}
		w.ended(w.drain(), importer.StopNone)
		if w.service.mostFlying != 4 {
			t.Errorf("%d calls in flight at most, want 4", w.service.mostFlying)
		}
	})
}

func TestThrottled(t *testing.T) {
	play(t, 10, func(w *world) {
		w.service.react = func(n int, _ importer.Item) reaction {
			if n%4 == 2 {
				return reaction{err: importer.Throttled}
			}
			return reaction{}
		}
		w.ended(w.drain(), importer.StopNone)
		if w.pacers[0].held != 3 || w.tally.Counts().Throttled != 3 {
			t.Errorf("held %d times for %d answers, want 3", w.pacers[0].held, w.tally.Counts().Throttled)
		}
		for _, r := range w.all {
			if got := w.memory.Row(r).Attempts; got != 1 {
				t.Errorf("%v: %d attempts, want 1: being throttled is none", r, got)
			}
		}
	})
}

func TestRejected(t *testing.T) {
	play(t, 20, func(w *world) {
		w.limits.StopAfterAlike = 3
		for i := 1; i < 20; i += 3 {
			w.bad[w.all[i]] = true
		}
		w.service.react = w.rejectBad
		w.ended(w.drain(), importer.StopNone)
		w.invariant()
		for r := range w.bad {
			if got := w.memory.Row(r); got.Cause != importer.CauseInvalidRecord || got.Attempts != 1 {
				t.Errorf("%v: got %+v", r, got)
			}
		}
	})
}

func (w *world) rejectBad(_ int, item importer.Item) reaction {
	if w.bad[item.Relation] {
		return reaction{err: importer.Rejected, cause: importer.CauseInvalidRecord}
	}
	return reaction{}
}

func TestDuplicates(t *testing.T) {
	play(t, 10, func(w *world) {
		for _, r := range w.all[:4] {
			w.service.written[r] = true
			w.allowed++
		}
		w.ended(w.drain(), importer.StopNone)
		for i, r := range w.all {
			want := importer.Created
			if i < 4 {
				want = importer.Existing
			}
			if got := w.memory.Row(r); got.State != want || got.Uncertain {
				t.Errorf("row %d: got %+v, want %s for certain", i, got, want)
			}
		}
	})
}

// A lost answer is cleared up by the service: written, it is a duplicate and
// ours as far as can be known; not written, it is made now and ours for certain.
func TestDoubt(t *testing.T) {
	for _, applied := range []bool{true, false} {
		t.Run(fmt.Sprint("applied: ", applied), func(t *testing.T) {
			play(t, 10, func(w *world) {
				w.service.react = func(n int, _ importer.Item) reaction {
					return reaction{err: map[bool]error{true: errors.New("cut")}[n == 3], applied: applied}
				}
				w.ended(w.drain(), importer.StopNone)
				w.invariant()
				if got := w.memory.Row(w.all[2]); got.State != importer.Created || got.Uncertain != applied || got.Attempts != 2 {
					t.Errorf("got %+v, want created, uncertain %v, 2 attempts", got, applied)
				}
				if got := w.tally.Counts(); got.Retried != 1 || got.Unclear != 1 {
					t.Errorf("got %+v, want 1 unclear and retried", got)
				}
			})
		})
	}
}

func TestDoubtAfterKill(t *testing.T) {
	play(t, 10, func(w *world) {
		w.service.react = func(n int, _ importer.Item) reaction {
			return reaction{after: map[bool]time.Duration{true: 4 * time.Second}[n == 1]}
		}
		w.kill(3 * time.Second) // written, and the answer is under way
		w.ended(w.drain(), importer.StopNone)
		if got := w.memory.Row(w.all[0]); got.State != importer.Created || !got.Uncertain {
			t.Errorf("got %+v, want created, uncertain", got)
		}
		if w.service.order[len(w.service.order)-1] != w.all[0] {
			t.Errorf("the row in doubt was not sent again first: %v", w.service.order)
		}
	})
}

func TestCallTimeout(t *testing.T) {
	play(t, 10, func(w *world) {
		w.service.react = func(n int, _ importer.Item) reaction {
			return reaction{after: map[bool]time.Duration{true: time.Hour}[n == 3]}
		}
		began := time.Now()
		w.ended(w.drain(), importer.StopNone)
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("took %v, want the call to be given up after 10 s", took)
		}
	})
}

// A slow ledger is asked for no more than the lane can do with.
func TestClaimsLittle(t *testing.T) {
	play(t, 100, func(w *world) {
		w.gap = 20 * time.Millisecond
		w.memory.Fault = func(_ *ledgertest.MemoryLane, op ledgertest.Op) ledgertest.Fault {
			if op == ledgertest.Claim {
				return ledgertest.Fault{Before: 30 * time.Millisecond}
			}
			return ledgertest.Fault{}
		}
		w.service.react = func(int, importer.Item) reaction {
			if n := w.memory.Claimed(); n > 8 {
				t.Errorf("%d rows claimed, want two batches and what is in flight", n)
			}
			return reaction{}
		}
		w.ended(w.drain(), importer.StopNone)
	})
}

// However large a batch may be, what a crash would leave in doubt is about what
// is sent in two seconds; a service that gets slower is followed.
func TestClaimsASecondsWorth(t *testing.T) {
	play(t, 4000, func(w *world) {
		w.limits.Batch = 1000
		w.gap = time.Millisecond
		most, later := 0, 0
		w.service.latency = 4 * time.Millisecond
		w.service.react = func(n int, _ importer.Item) reaction {
			claimed := w.memory.Claimed()
			if most = max(most, claimed); n == 2000 {
				w.pacers[0].gap = 100 * time.Millisecond
			}
			if n > 3800 && n < 4000 {
				later = max(later, claimed)
			}
			return reaction{}
		}
		w.ended(w.drain(), importer.StopNone)
		if most < 600 || most > 2000 {
			t.Errorf("%d rows claimed at most at 1000 a second, want two seconds' worth", most)
		}
		if later > 20+w.limits.Workers {
			t.Errorf("%d rows claimed at ten a second", later)
		}
	})
}

func TestUndoRefused(t *testing.T) {
	play(t, 3, func(w *world) {
		w.drain()
		w.service.react = func(int, importer.Item) reaction {
			return reaction{err: importer.Rejected, cause: importer.CauseNotFound}
		}
		w.undo(false, 0)
		if got := w.tally.Counts(); got.Failed != 3 || got.Created != 0 {
			t.Errorf("counted %+v, want 3 failed and none created", got)
		}
		w.invariant() // they are there still, and created by us
	})
}
