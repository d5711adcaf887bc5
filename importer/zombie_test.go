package importer_test

import (
	"context"
	"testing"
	"time"

	"relink/importer"
	"relink/importer/ledgertest"
)

// The lock of our own cut connection is held by the database for a while.
func TestGhost(t *testing.T) {
	play(t, 40, func(w *world) {
		w.at(time.Second, func() { w.memory.Cut(w.lanes[0], 15*time.Second) })
		w.ended(w.drain(), importer.StopNone)
		w.invariant()
	})
}

// steal takes the lock away from the run's lane, as another run would that
// finds it free.
func (w *world) steal() (rival importer.Ledger) {
	w.Helper()
	w.memory.Kill(w.lanes[0])
	rival = w.memory.Lane("loc")
	if err := rival.Open(context.Background()); err != nil {
		w.Error(err)
	}
	return rival
}

func TestTakenOver(t *testing.T) {
	play(t, 40, func(w *world) {
		var rival importer.Ledger
		w.at(time.Second, func() { rival = w.steal() })
		w.ended(w.drain(), importer.StopBusy)
		w.memory.Kill(rival)
	})
}

// While the lane was cut off, another run finished its rows and they were undone
// again. What the lane had in doubt must not be sent: it would come back.
func TestTakenOverAndDone(t *testing.T) {
	for _, class := range []importer.Class{importer.Doubt, importer.Throttled} {
		t.Run(class.Error(), func(t *testing.T) { takenOverAndDone(t, class) })
	}
}

func takenOverAndDone(t *testing.T, class importer.Class) {
	play(t, 12, func(w *world) {
		w.service.latency = 450 * time.Millisecond
		w.service.react = func(n int, _ importer.Item) reaction {
			if n == 8 {
				w.pacers[0].pause(3 * time.Second) // with a row in the dispatcher's hand
			}
			return reaction{err: map[bool]error{true: class}[n > 5]}
		}
		var sent int
		w.at(1050*time.Millisecond, func() {
			rival := w.steal()
			for {
				items, err := rival.Claim(context.Background(), 10)
				if err != nil {
					t.Error(err)
				}
				if len(items) == 0 {
					break
				}
				var outcomes []importer.Outcome
				for _, item := range items {
					w.service.mu.Lock()
					w.service.written[item.Relation] = true
					w.service.mu.Unlock()
					outcomes = append(outcomes, importer.Outcome{ID: item.ID, State: importer.Created})
				}
				if err := rival.Settle(context.Background(), outcomes); err != nil {
					t.Error(err)
				}
			}
			rival.Close(context.Background())
			sent = w.service.sent()
			w.allowed += w.service.count(func() int { return w.service.flying })
		})
		w.ended(w.drain(), importer.StopNone)
		if extra := w.service.sent() - sent; extra != 0 {
			t.Errorf("%d calls for rows that another run had settled", extra)
		}
	})
}

// A lane that has heard nothing for 2 s asks before it sends.
func TestZombieAsksFirst(t *testing.T) {
	play(t, 40, func(w *world) {
		checks := 0
		w.memory.Fault = func(_ *ledgertest.MemoryLane, op ledgertest.Op) ledgertest.Fault {
			if op == ledgertest.Check {
				checks++
			}
			return ledgertest.Fault{}
		}
		w.service.react = func(n int, _ importer.Item) reaction {
			if n == 10 { // the process stands still for ten seconds
				w.pacers[0].pause(10 * time.Second)
			}
			return reaction{}
		}
		var rival importer.Ledger
		var sent int
		w.at(5*time.Second, func() { rival, sent = w.steal(), w.service.sent() })
		w.ended(w.drain(), importer.StopBusy)
		if checks == 0 || w.service.sent() != sent {
			t.Errorf("asked %d times and sent %d rows after the lock had moved", checks, w.service.sent()-sent)
		}
		w.memory.Kill(rival)
	})
}

// An answer that lay unread while the machine was suspended proves nothing.
func TestZombieLateAnswer(t *testing.T) {
	play(t, 40, func(w *world) {
		w.fault(ledgertest.Settle, 8, ledgertest.Fault{After: 10 * time.Second})
		w.service.react = func(n int, _ importer.Item) reaction {
			if n == 8 {
				w.pacers[0].pause(10500 * time.Millisecond)
			}
			return reaction{}
		}
		var rival importer.Ledger
		sent := 0
		w.at(5*time.Second, func() { rival, sent = w.steal(), w.service.sent() })
		w.ended(w.drain(), importer.StopBusy)
		if got := w.service.sent(); got != sent {
			t.Errorf("sent %d rows after the lock had moved", got-sent)
		}
		w.memory.Kill(rival)
	})
}
