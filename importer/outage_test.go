package importer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"relink/importer"
)

var errCut = errors.New("connection reset")

// outage lets the service answer nobody from the nth call on, for a while.
func (w *world) outage(n int, lasts time.Duration) {
	var until time.Time
	w.service.react = func(i int, _ importer.Item) reaction {
		if i == n {
			until = time.Now().Add(lasts)
		}
		if i >= n && time.Now().Before(until) {
			return reaction{err: errCut, applied: i%2 == 0}
		}
		return reaction{}
	}
}

func TestOutageShort(t *testing.T) {
	play(t, 40, func(w *world) {
		w.outage(10, 45*time.Second)
		w.ended(w.drain(), importer.StopNone)
		w.invariant()
		// The first calls in a row open the breaker, then one at a time.
		var waits []time.Duration
		for i := 15; i < len(w.service.starts) && w.service.starts[i].Sub(w.service.starts[9]) < 40*time.Second; i++ {
			waits = append(waits, w.service.starts[i].Sub(w.service.starts[i-1]))
		}
		if len(waits) < 3 || len(waits) > 15 {
			t.Errorf("%d probes in 40 s, want few: %v", len(waits), waits)
		}
		if waits[0] > 2*time.Second || waits[len(waits)-1] < 2*time.Second {
			t.Errorf("waits between probes do not grow: %v", waits)
		}
	})
}

func TestOneProbeAtATime(t *testing.T) {
	play(t, 40, func(w *world) {
		w.gap = 0
		away := true
		opened := false
		w.service.react = func(n int, _ importer.Item) reaction {
			if n > 12 && away && w.service.flying > 1 && opened {
				t.Errorf("%d probes at a time", w.service.flying)
			}
			if opened = n >= 12; n > 15 {
				away = false
			}
			if away {
				return reaction{err: errCut, after: 2 * time.Second}
			}
			return reaction{}
		}
		w.limits.OutageLimit = 5 * time.Minute
		w.ended(w.drain(), importer.StopNone)
	})
}

// However long and however often the service is away, no row is at fault.
func TestOutageLong(t *testing.T) {
	play(t, 20, func(w *world) {
		w.limits.Attempts = 1
		w.outage(8, 24*time.Hour)
		for range 4 {
			began := time.Now()
			end := w.drain()
			w.ended(end, importer.StopOutage)
			if took := time.Since(began); took < time.Minute || took > 90*time.Second {
				t.Errorf("gave up after %v, want a minute", took)
			}
			time.Sleep(10 * time.Minute)
		}
		if n := w.memory.Claimed(); n == 0 {
			t.Error("rows that may have been written are not in doubt any more")
		}
	})
}

// An unclear answer of long ago is not the beginning of today's outage.
func TestOutageCountsFromItsBeginning(t *testing.T) {
	play(t, 40, func(w *world) {
		w.limits.Workers = 1
		w.service.react = func(n int, _ importer.Item) reaction {
			switch {
			case n == 5:
				w.pacers[0].pause(time.Hour)
				return reaction{err: errCut}
			case n < 11:
				return reaction{err: map[bool]error{true: errCut}[n > 5]}
			}
			return reaction{}
		}
		w.ended(w.drain(), importer.StopNone)
	})
}

// Rows that the service never answers fail once it has answered others between
// their attempts, and are no outage.
func TestAttempts(t *testing.T) {
	for _, poisoned := range []int{1, 10} {
		t.Run(fmt.Sprint(poisoned, " rows"), func(t *testing.T) {
			play(t, 400, func(w *world) {
				for _, r := range w.all[:poisoned] {
					w.bad[r] = true
				}
				w.service.react = func(_ int, item importer.Item) reaction {
					return reaction{err: map[bool]error{true: errCut}[w.bad[item.Relation]]}
				}
				w.ended(w.drain(), importer.StopNone)
				w.invariant()
				for r := range w.bad {
					if got := w.memory.Row(r); got.Cause != importer.CauseUnclear || got.Attempts < 5 || w.service.sends[r] != got.Attempts {
						t.Errorf("got %+v after %d sends, want 5 attempts and some in the outage", got, w.service.sends[r])
					}
				}
			})
		})
	}
}

func TestUnsent(t *testing.T) {
	play(t, 10, func(w *world) {
		w.service.react = func(n int, _ importer.Item) reaction {
			return reaction{err: map[bool]error{true: importer.Unsent}[n < 9]}
		}
		w.ended(w.soft(2*time.Second), importer.StopMaxDuration)
		w.clean() // what was never sent is not in doubt
		w.ended(w.drain(), importer.StopNone)
		for _, r := range w.all {
			if got := w.memory.Row(r); got.Attempts != 1 || got.Uncertain {
				t.Errorf("got %+v, want one attempt, for certain", got)
			}
		}
	})
}

func TestKeptAttemptsAddUp(t *testing.T) {
	play(t, 1, func(w *world) {
		w.service.react = func(int, importer.Item) reaction { return reaction{err: errCut} }
		w.ended(w.soft(3*time.Second), importer.StopMaxDuration)
		first := w.memory.Row(w.all[0])
		w.ended(w.soft(3*time.Second), importer.StopMaxDuration)
		second := w.memory.Row(w.all[0])
		if first.State != importer.Sending || first.Attempts == 0 || second.Attempts != w.service.sent() {
			t.Errorf("got %+v, then %+v after %d sends", first, second, w.service.sent())
		}
	})
}

func TestTwoLanesOneStops(t *testing.T) {
	play(t, 20, func(w *world) {
		w.load("other", 20)
		w.service.react = func(n int, item importer.Item) reaction {
			if item.Relation.Location == "loc" && n > 10 {
				return reaction{err: importer.Refused}
			}
			return reaction{}
		}
		ends := w.run(context.Background(), context.Background(), "loc", "other")
		w.ended(ends[0], importer.StopCredentials)
		w.ended(ends[1], importer.StopNone)
	})
}

func TestManyLanes(t *testing.T) {
	play(t, 1, func(w *world) {
		locations := []string{"loc"}
		for i := range 200 {
			locations = append(locations, fmt.Sprint("loc", i))
			w.load(locations[i+1], 5)
		}
		for _, end := range w.run(context.Background(), context.Background(), locations...) {
			w.ended(end, importer.StopNone)
		}
		w.invariant()
	})
}
