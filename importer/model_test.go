package importer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
)

// A model of what a ledger's rows and the service have to say after load, runs
// that are killed or not, retry and undo.
type model map[importer.Relation]importer.State

func (m model) load(r importer.Relation) { m[r] = importer.Pending }

func (m model) run(bad map[importer.Relation]bool) {
	for r, s := range m {
		if s == importer.Pending && bad[r] {
			m[r] = importer.Failed
		} else if s == importer.Pending {
			m[r] = importer.Created
		}
	}
}

func (m model) move(from, to importer.State) {
	for r, s := range m {
		if s == from {
			m[r] = to
		}
	}
}

func TestModelWalk(t *testing.T) {
	for i := range 60 {
		seed := rand.Uint64()
		if *walkSeed != 0 {
			seed = *walkSeed
		}
		ok := t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { modelWalk(newWorld(t), rand.New(rand.NewPCG(seed, 1))) })
		})
		if !ok || *walkSeed != 0 {
			t.Logf("walk %d: repeat it with -run TestModelWalk -walk.seed %d", i, seed)
			return
		}
	}
}

func modelWalk(w *world, r *rand.Rand) {
	m := model{}
	w.gap = 0
	w.service.react = w.rejectBad
	for range 3 + r.IntN(10) {
		switch r.IntN(5) {
		case 0:
			for _, relation := range w.load("loc", r.IntN(20)) {
				w.bad[relation] = r.IntN(5) == 0
				m.load(relation)
			}
		case 1: // killed on the way, then run to the end
			w.kill(time.Duration(r.IntN(100)) * time.Millisecond)
			fallthrough
		case 2:
			w.ended(w.drain(), importer.StopNone)
			m.run(w.bad)
		case 3:
			clear(w.bad) // their cause is mended
			w.memory.Retry("loc")
			m.move(importer.Failed, importer.Pending)
		case 4:
			for _, killed := range []bool{true, false} {
				w.undo(killed, time.Duration(r.IntN(100))*time.Millisecond)
			}
			m.move(importer.Created, importer.Undone)
		}
		w.agrees(m)
	}
	w.ended(w.drain(), importer.StopNone)
	m.run(w.bad)
	w.agrees(m)
	w.clean()
}

// undo deletes what was created.
func (w *world) undo(killed bool, after time.Duration) {
	hard, cancel := context.WithCancel(context.Background())
	defer cancel()
	lane := w.lane("loc")
	w.tally = &importer.Tally{}
	lane.Tally = w.tally
	lane.Ledger, lane.Sender, lane.Success = w.memory.Undo("loc"), sender{w.service, true}, importer.Undone
	if w.looks != nil {
		lane.Looker = looker{sender{w.service, true}, w.looks}
	}
	w.lanes = []importer.Ledger{lane.Ledger}
	if killed {
		defer time.AfterFunc(after, func() { w.memory.Kill(lane.Ledger); cancel() }).Stop()
	}
	end := importer.Run(hard, hard, []*importer.Lane{lane})[0]
	if !killed {
		w.ended(end, importer.StopNone)
	}
	w.exit()
}

func (w *world) agrees(m model) {
	w.Helper()
	states := w.memory.States()
	for r, want := range m {
		got := states[r]
		if got != want {
			w.Errorf("%v is %s, the model says %s", r, got, want)
		}
		if want == importer.Created != w.service.written[r] {
			w.Errorf("%v should be %s; at the service: %v", r, want, w.service.written[r])
		}
	}
}
