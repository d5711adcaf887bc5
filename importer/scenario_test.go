package importer_test

import (
	"context"
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

func TestSoftStop(t *testing.T) {
	play(t, 50, func(w *world) {
		w.service.latency = time.Second
		began := time.Now()
		w.ended(w.soft(2050*time.Millisecond), importer.StopMaxDuration)
		if took := time.Since(began); took > 3100*time.Millisecond {
			t.Errorf("took %v, want the calls in flight to end and no more", took)
		}
		w.clean()
		if w.service.unclear != 0 {
			t.Errorf("%d calls in flight were cut", w.service.unclear)
		}
		created := w.tally.Counts().Created
		if int(created) != w.service.sent() || created == 0 {
			t.Errorf("%d sent, %d created; want what was in flight to be settled", w.service.sent(), created)
		}
	})
}

func TestSoftStopBeforeStart(t *testing.T) {
	play(t, 5, func(w *world) {
		soft, stop := context.WithCancel(context.Background())
		w.memory.Fault = func(_ *ledgertest.MemoryLane, op ledgertest.Op) ledgertest.Fault {
			if op == ledgertest.Open {
				stop()
			} else if op == ledgertest.Claim {
				t.Error("rows claimed after the stop")
			}
			return ledgertest.Fault{}
		}
		for range 20 {
			w.ended(w.run(context.Background(), soft, "loc")[0], importer.StopSignal)
		}
		if w.service.sent() != 0 {
			t.Errorf("%d calls made after the stop", w.service.sent())
		}
	})
}

func TestGraceExceeded(t *testing.T) {
	play(t, 20, func(w *world) {
		w.limits.Attempts = 1 // a call that we cut ourselves is no attempt
		w.service.react = func(n int, _ importer.Item) reaction {
			switch {
			case n == 4: // a clear answer while the others are in flight
				return reaction{after: 3 * time.Second}
			case n > 4:
				return reaction{after: 9 * time.Second}
			}
			return reaction{}
		}
		began := time.Now()
		w.ended(w.soft(time.Second), importer.StopMaxDuration)
		if took := time.Since(began); took < 6*time.Second || took > 6100*time.Millisecond {
			t.Errorf("took %v, want 1 s and 5 s of grace", took)
		}
		if n := w.memory.Claimed(); n != 3 {
			t.Errorf("%d rows in doubt, want the three that were cut", n)
		}
	})
}

func TestHardStop(t *testing.T) {
	play(t, 20, func(w *world) {
		w.service.latency = time.Second
		began := time.Now()
		w.ended(w.kill(1500*time.Millisecond), importer.StopSignal)
		if took := time.Since(began); took > 1600*time.Millisecond {
			t.Errorf("took %v, want everything to be dropped", took)
		}
	})
}

// hard may end alone.
func TestHardStopWithoutSoft(t *testing.T) {
	play(t, 20, func(w *world) {
		hard, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		w.ended(w.run(hard, context.Background(), "loc")[0], importer.StopSignal)
		if n := w.service.sent(); n > 11 {
			t.Errorf("%d calls, want none after the stop", n-10)
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

func TestSpentByPacer(t *testing.T) {
	play(t, 20, func(w *world) {
		w.budget = 7
		w.ended(w.drain(), importer.StopDailyQuota)
		w.clean()
		if w.service.sent() != 7 {
			t.Errorf("%d sent, want 7", w.service.sent())
		}
	})
}

// The service says Spent before the pacer does: nothing storms on.
func TestSpentByService(t *testing.T) {
	play(t, 20, func(w *world) {
		w.budget = 9
		w.service.react = func(n int, _ importer.Item) reaction {
			if n > 6 {
				return reaction{err: importer.Spent}
			}
			return reaction{}
		}
		w.ended(w.drain(), importer.StopDailyQuota)
		w.clean()
		if w.pacers[0].held == 0 {
			t.Error("the pacer was not held")
		}
	})
}

func TestStaleRenewedOnce(t *testing.T) {
	play(t, 20, func(w *world) {
		w.gap, w.service.latency = 0, time.Second
		w.service.react = func(n int, _ importer.Item) reaction {
			if w.service.generation == 0 {
				return reaction{err: importer.Stale}
			}
			return reaction{}
		}
		w.ended(w.drain(), importer.StopNone)
		if len(w.service.renewed) != 1 {
			t.Errorf("renewed %v, want once for all", w.service.renewed)
		}
	})
}

func TestStaleInVain(t *testing.T) {
	for _, fails := range []bool{false, true} {
		t.Run(fmt.Sprint("renewal fails: ", fails), func(t *testing.T) {
			play(t, 20, func(w *world) {
				if fails {
					w.service.renewal = func(int) error { return errors.New("invalid_grant") }
				}
				w.service.react = func(int, importer.Item) reaction { return reaction{err: importer.Stale} }
				w.ended(w.drain(), importer.StopCredentials)
				w.clean()
				if n := w.service.sent(); n > 15 || fails && n > 1 {
					t.Errorf("%d calls with a credential that does not do", n)
				}
				w.service.renewal = nil
			})
		})
	}
}

func TestRefusedAndBlocked(t *testing.T) {
	for class, stop := range map[importer.Class]importer.Stop{
		importer.Refused: importer.StopCredentials, importer.Blocked: importer.StopOutage,
	} {
		t.Run(class.Error(), func(t *testing.T) {
			play(t, 50, func(w *world) {
				w.service.latency = 350 * time.Millisecond
				w.service.react = func(n int, _ importer.Item) reaction {
					if n > 10 {
						return reaction{err: fmt.Errorf("403: %w", class)}
					}
					return reaction{}
				}
				end := w.drain()
				w.ended(end, stop)
				w.clean()
				if n := w.service.sent(); n > 10+w.limits.Workers {
					t.Errorf("%d calls spent, want at most what was in flight", n-10)
				}
				if end.Err == nil || end.Location != "loc" || end.Detail == "" {
					t.Errorf("got %+v, want the reason", end)
				}
			})
		})
	}
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

func TestAlike(t *testing.T) {
	play(t, 60, func(w *world) {
		w.limits.StopAfterAlike = 10
		w.service.latency = 250 * time.Millisecond
		for _, r := range w.all {
			w.bad[r] = true
		}
		w.service.react = w.rejectBad
		w.ended(w.drain(), importer.StopAlike)
		w.clean()
		if n := w.service.sent(); n > 10+w.limits.Workers {
			t.Errorf("%d calls, want 10 and what was in flight", n)
		}
		clear(w.bad) // the columns are put right
		for r, state := range w.memory.States() {
			w.bad[r] = state == importer.Failed
		}
	})
}

// With two causes, or a single row that passes, the rows are not all alike.
func TestNotAlike(t *testing.T) {
	for _, other := range []reaction{{}, {err: importer.Rejected, cause: importer.CauseNotFound}} {
		play(t, 30, func(w *world) {
			w.limits.StopAfterAlike = 10
			for _, r := range w.all[1:] {
				w.bad[r] = true
			}
			w.bad[w.all[0]] = other.err != nil
			w.service.react = func(n int, item importer.Item) reaction {
				if item.Relation == w.all[0] {
					return other
				}
				return w.rejectBad(n, item)
			}
			w.ended(w.drain(), importer.StopNone)
			w.invariant()
		})
	}
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

// A stop that comes while the pacer lets a call pass is in time.
func TestStopDuringPace(t *testing.T) {
	play(t, 20, func(w *world) {
		soft, stop := context.WithCancel(context.Background())
		w.onWait = func(n int) {
			if n == 5 {
				stop()
			}
		}
		w.ended(w.run(context.Background(), soft, "loc")[0], importer.StopSignal)
		if w.service.sent() != 4 {
			t.Errorf("%d calls, want 4", w.service.sent())
		}
		w.onWait = nil
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

func TestUndoRefused(t *testing.T) {
	play(t, 3, func(w *world) {
		w.drain()
		w.service.react = func(int, importer.Item) reaction {
			return reaction{err: importer.Rejected, cause: importer.CauseNotFound}
		}
		w.undo(false, 0)
		w.invariant() // they are there still, and created by us
	})
}
