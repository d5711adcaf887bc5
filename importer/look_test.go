package importer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"relink/importer"
)

// poison makes the service answer nothing clear to these rows, which it writes
// or not, and lets rows be looked up.
func (w *world) poison(applied bool, rows ...importer.Relation) {
	poisoned := map[importer.Relation]bool{}
	for _, r := range rows {
		poisoned[r] = true
		w.bad[r] = !applied
	}
	w.looks = &reads{poisoned: poisoned, least: 5}
	w.limits.OutageLimit = 15 * time.Minute
	w.service.react = func(_ int, item importer.Item) reaction {
		if poisoned[item.Relation] {
			return reaction{err: errCut, applied: applied}
		}
		return reaction{}
	}
}

func (w *world) looked(atLeast, atMost int) {
	w.Helper()
	if n := w.looks.n; n < atLeast || n > atMost {
		w.Errorf("%d reads, want %d to %d", n, atLeast, atMost)
	}
	for _, breach := range w.looks.breaches {
		w.Error("reads: ", breach)
	}
}

// The last rows of a lane, to which the service gives no clear answer, do not
// make an outage of every run.
func TestPoison(t *testing.T) {
	for _, applied := range []bool{true, false} {
		for _, rows := range []int{1, 3} {
			t.Run(fmt.Sprint(rows, " rows, applied: ", applied), func(t *testing.T) {
				play(t, 20, func(w *world) {
					last := w.all[len(w.all)-rows:]
					w.poison(applied, last...)
					began := time.Now()
					w.ended(w.drain(), importer.StopNone)
					if took := time.Since(began); took > time.Duration(rows)*150*time.Second {
						t.Errorf("took %v", took)
					}
					w.invariant()
					w.looked(rows*map[bool]int{true: 1, false: 2}[applied], 2*rows)
					for _, r := range last {
						got := w.memory.Row(r)
						if got.Attempts < 5 || got.Attempts != w.service.sends[r] || got.Uncertain != applied {
							t.Errorf("got %+v after %d sends", got, w.service.sends[r])
						}
						if applied {
							continue
						}
						want := fmt.Sprintf("no clear answer in %d attempts, and not seen there when it was looked up; the last: as told", got.Attempts)
						if got.Cause != importer.CauseUnclear || got.Message != want {
							t.Errorf("got %+v, want %q", got, want)
						}
					}
				})
			})
		}
	}
}

// Of more rows than one run has probes for, some runs make an end.
func TestManyPoisoned(t *testing.T) {
	play(t, 20, func(w *world) {
		w.poison(false, w.all...)
		stop, runs := importer.StopOutage, 0
		for ; stop == importer.StopOutage && runs < 20; runs++ {
			stop = w.drain().Stop
		}
		if stop != importer.StopNone {
			t.Errorf("%d runs, and the last one ended with %q: %d reads", runs, stop, w.looks.n)
		}
		w.looked(40, 200)
		t.Logf("%d runs", runs)
	})
}

// What a read is answered by, other than by a list.
func TestPoisonNotRead(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		stop importer.Stop
		says string
		once bool // the other reads do not show the row
	}{
		"refused":       {fmt.Errorf("%w: no scope", importer.Refused), importer.StopNone, "could not be looked up (credential refused: no scope)", false},
		"rejected":      {importer.Rejected, importer.StopNone, "could not be looked up (row refused)", false},
		"throttled":     {importer.Throttled, importer.StopNone, "not seen there when it was looked up", true},
		"out of date":   {importer.Stale, importer.StopNone, "not seen there when it was looked up", true},
		"edge":          {importer.Blocked, importer.StopOutage, "", false},
		"unclear":       {errCut, importer.StopOutage, "", false},
		"never reached": {importer.Unsent, importer.StopOutage, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 3, func(w *world) {
				w.poison(false, w.all[2])
				w.looks.react = func(n int, _ importer.Item) reaction {
					return reaction{err: map[bool]error{true: c.err}[n == 1 || !c.once]}
				}
				w.ended(w.drain(), c.stop)
				w.looked(1, 20)
				got := w.memory.Row(w.all[2])
				if c.stop != importer.StopNone {
					if got.State != importer.Sending {
						t.Errorf("got %+v, want the row left in doubt", got)
					}
					w.bad[w.all[2]] = false // answered the next time
					return
				}
				if got.State != importer.Failed || !strings.Contains(got.Message, c.says) {
					t.Errorf("got %+v, want %q", got, c.says)
				}
				if want := map[bool]int{true: 1}[name == "throttled"]; w.pacers[0].held != want {
					t.Errorf("held %d times, want %d", w.pacers[0].held, want)
				}
			})
		})
	}
}

// When the service answers all reads and takes no writes, rows that were not
// tried yet probe it, and none is at fault.
func TestNoLookWhileRowsAreLeft(t *testing.T) {
	play(t, 1000, func(w *world) {
		w.looks = &reads{}
		w.limits.OutageLimit = time.Hour
		w.outage(8, 30*time.Minute)
		w.ended(w.drain(), importer.StopNone)
		w.looked(0, 0)
		w.invariant()
	})
}

// A short absence of the service while the last rows are sent is none of theirs.
func TestNoLookInShortOutage(t *testing.T) {
	play(t, 20, func(w *world) {
		w.looks = &reads{}
		w.outage(20, 20*time.Second)
		w.ended(w.drain(), importer.StopNone)
		w.looked(0, 0)
		w.invariant()
	})
}

// Reads that stay without an answer do not take the place of the calls.
func TestBlind(t *testing.T) {
	play(t, 3, func(w *world) {
		w.poison(false, w.all[2])
		w.outage(3, 5*time.Minute)
		w.bad[w.all[2]] = false
		w.looks.react = func(int, importer.Item) reaction { return reaction{err: errCut} }
		w.ended(w.drain(), importer.StopNone)
		w.looked(2, 10)
		w.invariant()
	})
}

// When the service is back, rows are sent, whatever was planned for them.
func TestNoLookWhenServiceIsBack(t *testing.T) {
	for seconds := range 40 {
		play(t, 4, func(w *world) {
			w.looks = &reads{least: 1}
			w.limits.Attempts = 2
			w.limits.OutageLimit = 15 * time.Minute
			w.outage(2, time.Duration(3*seconds)*time.Second)
			w.looks.react = func(int, importer.Item) reaction { return reaction{err: errCut} }
			w.ended(w.drain(), importer.StopNone)
			w.looked(0, 100)
		})
	}
}

// A row that may get a clear answer is sent while there is one.
func TestNoLookWhileOthersHaveAttempts(t *testing.T) {
	play(t, 2, func(w *world) {
		w.looks = &reads{}
		w.service.react = func(_ int, item importer.Item) reaction {
			return reaction{err: map[bool]error{true: errCut, false: importer.Unsent}[item.Relation == w.all[0]]}
		}
		w.limits.OutageLimit = 10 * time.Minute
		w.ended(w.drain(), importer.StopOutage)
		w.looked(0, 0)
	})
}

// A read that was not answered is no sign of absence, and the call after it
// starts the reads anew.
func TestReadsStartAnew(t *testing.T) {
	play(t, 1, func(w *world) {
		w.poison(false, w.all[0])
		w.looks.react = func(n int, _ importer.Item) reaction {
			return reaction{err: map[bool]error{true: errCut}[n == 2]}
		}
		w.ended(w.drain(), importer.StopNone)
		w.looked(4, 4)
	})
}

// However soon a lane gives up, its reads lie well after the calls.
func TestReadsComeLate(t *testing.T) {
	for range 20 {
		play(t, 5, func(w *world) {
			w.poison(true, w.all...)
			w.looks.least, w.limits.Attempts = 1, 1
			w.limits.OutageLimit = 10 * time.Second
			w.drain()
			w.looked(0, 10)
		})
	}
}

// Of what was to be deleted a read proves nothing.
func TestUndoNeverLooks(t *testing.T) {
	play(t, 3, func(w *world) {
		w.drain()
		w.poison(false, w.all[2])
		w.bad[w.all[2]] = false
		w.undo(true, 10*time.Minute)
		w.looked(0, 0)
		w.service.react = nil
		w.undo(false, 0)
	})
}

// Runs that are stopped and killed, with reads that fail: what was written is
// created, what was not has failed, and it comes to an end.
func TestPoisonWalk(t *testing.T) {
	for range 60 {
		seed := rand.Uint64()
		if *walkSeed != 0 {
			seed = *walkSeed
		}
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { poisonWalk(t, dice{rand.New(rand.NewPCG(seed, 3))}) }) {
			t.Fatalf("repeat it with -run TestPoisonWalk -walk.seed %d", seed)
		}
	}
}

func poisonWalk(t *testing.T, d dice) {
	play(t, 1+d.IntN(12), func(w *world) {
		rows := min(len(w.all), 1+d.IntN(4))
		applied := d.chance(50)
		w.poison(applied, w.all[len(w.all)-rows:]...)
		faults := float64(d.IntN(60))
		w.looks.react = func(int, importer.Item) reaction {
			class := []error{errCut, importer.Unsent, importer.Throttled}[d.IntN(3)]
			return reaction{err: map[bool]error{true: class}[d.chance(faults)]}
		}
		for range d.IntN(4) {
			if d.chance(50) {
				w.kill(d.ms(90_000))
			} else {
				w.soft(d.ms(90_000))
			}
		}
		stop := importer.StopOutage
		for n := 0; stop == importer.StopOutage && n < 5; n++ {
			stop = w.drain().Stop
		}
		if stop != importer.StopNone {
			t.Errorf("the runs end with %q, and never with done", stop)
		}
		for _, breach := range w.looks.breaches {
			t.Error("reads: ", breach)
		}
	})
}
