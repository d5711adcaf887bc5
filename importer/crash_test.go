package importer_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"relink/importer"
	"relink/importer/ledgertest"
)

var (
	walkSeed  = flag.Uint64("walk.seed", 0, "repeat the walk of this seed")
	walkCount = flag.Int("walk.count", 300, "how many seeded walks to make")
)

// A crash is what happens at the nth call of an operation.
type crash struct {
	name    string
	err     error
	applied bool
	kills   bool // the process ends there
}

var crashes = []crash{
	{name: "lost", err: importer.ErrLost},
	{name: "lost but applied", err: importer.ErrLost, applied: true},
	{name: "broken", err: errors.New("broken")},
	{name: "broken but applied", err: errors.New("broken"), applied: true},
	{name: "killed before", err: importer.ErrLost, kills: true},
	{name: "killed after", err: importer.ErrLost, applied: true, kills: true},
}

// busyRun is a run in which every operation of the ledger is used: rows stay in
// doubt, the lane is silent for a while, and a soft stop comes half way.
func (w *world) busyRun(op ledgertest.Op, nth int, c crash) (struck bool) {
	hard, kill := context.WithCancel(context.Background())
	defer kill()
	soft, stop := context.WithTimeoutCause(hard, 6500*time.Millisecond, importer.StopMaxDuration)
	defer stop()
	w.memory.Fault = func(_ *ledgertest.MemoryLane, called ledgertest.Op) ledgertest.Fault {
		if called != op {
			return ledgertest.Fault{}
		}
		if nth--; nth != 0 {
			return ledgertest.Fault{}
		}
		if struck = true; c.kills {
			kill()
		}
		return ledgertest.Fault{Err: c.err, Applied: c.applied}
	}
	w.service.react = func(n int, item importer.Item) reaction {
		if op == "Send" && n == nth {
			if struck = true; c.kills {
				defer kill()
			}
			return reaction{err: c.err, applied: c.applied}
		}
		switch {
		case n == 9:
			return reaction{err: importer.Throttled}
		case w.bad[item.Relation]:
			return reaction{err: importer.Rejected, cause: importer.CauseNotFound}
		case item.ID%10 == 4: // never answered clearly
			return reaction{err: errCut, applied: item.ID%20 == 4}
		}
		return reaction{}
	}
	w.run(hard, soft, "loc")
	return struck
}

func TestCrashMatrix(t *testing.T) {
	for _, op := range append([]ledgertest.Op{"Send"}, ledgertest.Ops...) {
		for _, c := range crashes {
			struck := false
			for nth := 1; nth <= 5; nth++ {
				t.Run(fmt.Sprint(op, " ", nth, " ", c.name), func(t *testing.T) {
					play(t, 60, func(w *world) {
						w.bad[w.all[5]], w.bad[w.all[50]] = true, true
						struck = w.busyRun(op, nth, c) || struck
						w.memory.Fault, w.service.react = nil, w.rejectBad
						w.drain()
					})
				})
			}
			if !struck {
				t.Errorf("%s is never called: nothing was tried", op)
			}
		}
	}
}

// A walk is a random sequence of faults, stops, kills and restarts.
func TestCrashWalk(t *testing.T) {
	if *walkSeed != 0 {
		walk(t, *walkSeed)
		return
	}
	base := rand.Uint64()
	for i := range *walkCount {
		seed := base + uint64(i)
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { walk(t, seed) }) {
			t.Fatalf("repeat it with -run TestCrashWalk -walk.seed %d", seed)
		}
	}
}

// dice are a source with the throws that a walk needs.
type dice struct{ *rand.Rand }

func (d dice) chance(percent float64) bool { return d.Float64()*100 < percent }
func (d dice) ms(most int) time.Duration   { return time.Duration(d.IntN(most)) * time.Millisecond }

func walk(t *testing.T, seed uint64) {
	// One source for each goroutine that draws, or a seed would repeat nothing.
	r, l, s := dice{rand.New(rand.NewPCG(seed, 0))}, dice{rand.New(rand.NewPCG(seed, 1))}, dice{rand.New(rand.NewPCG(seed, 2))}
	chance, ms := r.chance, r.ms
	play(t, 20+r.IntN(60), func(w *world) {
		w.limits.Workers, w.limits.Batch, w.limits.Attempts = 1+r.IntN(8), 1+r.IntN(12), 50
		w.limits.Wait = ms(5000)
		w.service.latency, w.gap = 2+ms(500), ms(120)
		for _, relation := range w.all {
			w.bad[relation] = chance(5)
		}
		for range 1 + r.IntN(6) {
			ledger, service := r.Float64()*4, r.Float64()*20
			w.memory.Fault = func(*ledgertest.MemoryLane, ledgertest.Op) ledgertest.Fault {
				f := ledgertest.Fault{Before: l.ms(20), After: l.ms(20), Applied: l.chance(50)}
				switch {
				case l.chance(ledger):
					f.Err = importer.ErrLost
				case l.chance(ledger / 20):
					f.Err = errors.New("broken")
				case l.chance(ledger / 4):
					f.Before = l.ms(50_000)
				case l.chance(ledger / 4):
					f.After = l.ms(50_000)
				}
				return f
			}
			w.service.react = func(n int, item importer.Item) reaction {
				f := reaction{after: 1 + s.ms(700), applied: s.chance(50)}
				switch {
				case s.chance(service):
					f.err = errCut
				case s.chance(service / 4):
					f.err, f.applied = importer.Unsent, false
				case s.chance(service / 8):
					f.err, f.applied = importer.Throttled, false
				case s.chance(service / 16):
					f.err, f.applied = importer.Stale, false
				case s.chance(service / 8):
					f.after = s.ms(15_000)
				}
				if f.applied = f.applied && !w.bad[item.Relation]; f.err == nil && w.bad[item.Relation] {
					f.err, f.cause = importer.Rejected, importer.CauseNotFound
				}
				return f
			}
			switch r.IntN(4) {
			case 0:
				w.soft(ms(5000))
			case 1:
				w.kill(ms(5000))
			case 2:
				lock := ms(20_000)
				w.at(ms(3000), func() { w.memory.Cut(w.lanes[0], lock) })
				w.soft(ms(20_000))
			default:
				w.drain()
			}
			time.Sleep(ms(30_000))
		}
		w.memory.Fault, w.service.react = nil, w.rejectBad
		time.Sleep(time.Minute)
		w.ended(w.drain(), importer.StopNone)
	})
}
