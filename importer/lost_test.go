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

// fault makes the nth call of an operation fail.
func (w *world) fault(op ledgertest.Op, n int, fault ledgertest.Fault) {
	w.memory.Fault = func(_ *ledgertest.MemoryLane, called ledgertest.Op) ledgertest.Fault {
		if called == op {
			if n--; n == 0 {
				return fault
			}
		}
		return ledgertest.Fault{}
	}
}

// The connection is lost while calls are in flight: the lane goes on by itself.
func TestLedgerLost(t *testing.T) {
	for _, op := range ledgertest.Ops[:3] {
		for _, applied := range []bool{false, true} {
			t.Run(fmt.Sprint(op, " applied ", applied), func(t *testing.T) {
				play(t, 30, func(w *world) {
					w.service.latency = 350 * time.Millisecond
					w.fault(op, 3, ledgertest.Fault{Err: importer.ErrLost, Applied: applied})
					w.ended(w.drain(), importer.StopNone)
					w.invariant()
					if w.service.again != 0 {
						t.Errorf("%d rows sent twice", w.service.again)
					}
				})
			})
		}
	}
}

// away makes the ledger unreachable from a moment on, for a while.
func (w *world) away(after, lasts time.Duration) {
	from := time.Now().Add(after)
	w.memory.Fault = func(*ledgertest.MemoryLane, ledgertest.Op) ledgertest.Fault {
		if now := time.Now(); now.After(from) && now.Before(from.Add(lasts)) {
			return ledgertest.Fault{Err: importer.ErrLost}
		}
		return ledgertest.Fault{}
	}
}

func TestLedgerAway(t *testing.T) {
	play(t, 30, func(w *world) {
		w.away(time.Second, 40*time.Second)
		w.ended(w.drain(), importer.StopNone)
		for _, at := range w.service.starts {
			if since := at.Sub(w.service.starts[0]); since > 1200*time.Millisecond && since < 40*time.Second {
				t.Errorf("a call was made %v after the start, while the ledger was away", since)
			}
		}
	})
}

func TestLedgerAwayTooLong(t *testing.T) {
	play(t, 30, func(w *world) {
		w.away(time.Second, time.Hour)
		began := time.Now()
		w.ended(w.drain(), importer.StopDatabase)
		if took := time.Since(began); took < time.Minute || took > 70*time.Second {
			t.Errorf("gave up after %v, want a minute", took)
		}
		time.Sleep(time.Hour)
	})
}

func TestLedgerAwayAtStart(t *testing.T) {
	play(t, 5, func(w *world) {
		w.away(-time.Second, 30*time.Second)
		w.ended(w.drain(), importer.StopNone)
		w.away(-time.Second, time.Hour)
		w.ended(w.drain(), importer.StopDatabase)
		w.ended(w.soft(time.Second), importer.StopMaxDuration)
	})
}

func TestSoftStopWhileLedgerIsAway(t *testing.T) {
	play(t, 30, func(w *world) {
		w.away(time.Second, time.Hour)
		began := time.Now()
		w.ended(w.soft(20*time.Second), importer.StopDatabase)
		if took := time.Since(began); took > 26*time.Second {
			t.Errorf("took %v, want 20 s and 5 s of grace", took)
		}
		time.Sleep(time.Hour)
	})
}

func TestLedgerBroken(t *testing.T) {
	for _, op := range ledgertest.Ops[:3] {
		play(t, 30, func(w *world) {
			broken := errors.New("disk full")
			w.fault(op, 1, ledgertest.Fault{Err: broken})
			end := w.drain()
			w.ended(end, importer.StopBroken)
			if !errors.Is(end.Err, broken) {
				t.Errorf("got error %v, want it to say why", end.Err)
			}
		})
	}
}

// A call to the ledger that hangs costs its connection, and no more.
func TestLedgerHangs(t *testing.T) {
	for _, fault := range []ledgertest.Fault{{Before: time.Hour}, {After: time.Hour}} {
		play(t, 30, func(w *world) {
			w.fault(ledgertest.Settle, 4, fault)
			began := time.Now()
			w.ended(w.drain(), importer.StopNone)
			if took := time.Since(began); took > time.Minute {
				t.Errorf("took %v, want the call to be given up", took)
			}
		})
	}
}

// Rows in doubt and rows turned away while the connection is lost come back.
func TestLedgerLostInDoubt(t *testing.T) {
	play(t, 60, func(w *world) {
		w.service.latency = 350 * time.Millisecond
		calls := 0
		w.memory.Fault = func(*ledgertest.MemoryLane, ledgertest.Op) ledgertest.Fault {
			if calls++; calls%9 == 5 {
				return ledgertest.Fault{Err: importer.ErrLost, Applied: calls%2 == 0}
			}
			return ledgertest.Fault{}
		}
		w.service.react = func(n int, _ importer.Item) reaction {
			switch n % 10 {
			case 3, 7:
				return reaction{err: errCut, applied: n%20 == 3}
			case 5:
				return reaction{err: importer.Throttled}
			}
			return reaction{}
		}
		w.ended(w.drain(), importer.StopNone)
		w.invariant()
	})
}

func TestBusyAtStart(t *testing.T) {
	for _, wait := range []time.Duration{0, 20 * time.Second, time.Minute} {
		t.Run(fmt.Sprint("wait ", wait), func(t *testing.T) {
			play(t, 10, func(w *world) {
				holder := w.memory.Lane("loc")
				if err := holder.Open(t.Context()); err != nil {
					t.Fatal(err)
				}
				w.at(30*time.Second, func() { holder.Close(context.Background()) })
				w.limits.Wait = wait
				began, want, last := time.Now(), importer.StopBusy, time.Time{}
				w.memory.Fault = func(_ *ledgertest.MemoryLane, op ledgertest.Op) ledgertest.Fault {
					if op == ledgertest.Open {
						last = time.Now()
					}
					return ledgertest.Fault{}
				}
				if wait > 30*time.Second {
					want = importer.StopNone
				}
				w.ended(w.drain(), want)
				if took := last.Sub(began); want == importer.StopBusy && (took < wait || took > wait+time.Second) {
					t.Errorf("waited %v, want %v", took, wait)
				}
			})
		})
	}
}
