package importer_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
	"relink/importer/ledgertest"
)

// A world is a ledger, a service and the runs between them.
type world struct {
	*testing.T
	memory  *ledgertest.Memory
	service *service
	limits  importer.Limits
	gap     time.Duration // between calls
	budget  int           // calls of one run
	bad     map[importer.Relation]bool
	all     []importer.Relation
	allowed int // sends of written pairs that crashes account for

	lanes  []importer.Ledger // of the last run
	pacers []*pacer
	tally  *importer.Tally
	chores []func() // of the next run
	onWait func(n int)
	looks  *reads // nil: the sender cannot look rows up
}

// play runs a scenario in a bubble of its own, finishes its work and states the
// invariant. synctest fails it if a goroutine is left behind.
func play(t *testing.T, rows int, scenario func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.load("loc", rows)
		scenario(w)
		w.memory.Fault, w.service.react, w.budget = nil, nil, 0
		w.finish()
	})
}

func newWorld(t *testing.T) *world {
	return &world{
		T: t, memory: ledgertest.NewMemory(), service: newService(), bad: map[importer.Relation]bool{},
		limits: importer.Limits{Workers: 4, Batch: 3, Grace: 5 * time.Second, Timeout: 10 * time.Second, OutageLimit: time.Minute},
		gap:    100 * time.Millisecond,
	}
}

func (w *world) load(location string, rows int) (relations []importer.Relation) {
	for i := range rows {
		relations = append(relations, importer.Relation{Location: location, Association: "friend",
			First: fmt.Sprint("a", len(w.all)+i), Second: fmt.Sprint("b", len(w.all)+i)})
	}
	w.all = append(w.all, relations...)
	w.memory.Load(relations...)
	return relations
}

// lane is a new run's lane.
func (w *world) lane(location string) *importer.Lane {
	p := &pacer{gap: w.gap, budget: w.budget, onWait: w.onWait}
	ledger := w.memory.Lane(location)
	w.lanes, w.pacers = append(w.lanes, ledger), append(w.pacers, p)
	s := sender{service: w.service}
	var l importer.Looker
	if w.looks != nil {
		l = looker{s, w.looks}
	}
	return &importer.Lane{
		Location: location, Ledger: ledger, Sender: s, Looker: l, Pacer: p,
		Success: importer.Created, Limits: w.limits, Log: slog.New(slog.DiscardHandler), Tally: w.tally,
	}
}

// run is one process: its lanes lose their connections when it ends.
func (w *world) run(hard, soft context.Context, locations ...string) []importer.End {
	w.Helper()
	w.lanes, w.pacers, w.tally = nil, nil, &importer.Tally{}
	var lanes []*importer.Lane
	for _, location := range locations {
		lanes = append(lanes, w.lane(location))
	}
	var chores sync.WaitGroup
	for _, chore := range w.chores {
		chores.Go(chore)
	}
	w.chores = nil
	ends := importer.Run(hard, soft, lanes)
	chores.Wait()
	if n := w.service.count(func() int { return w.service.flying }); n != 0 {
		w.Errorf("%d calls in flight after the run", n)
	}
	w.exit()
	w.honest()
	return ends
}

// at does something a while after the next run's start.
func (w *world) at(after time.Duration, f func()) {
	w.chores = append(w.chores, func() {
		time.Sleep(after)
		f()
	})
}

func (w *world) exit() {
	for relation, state := range w.memory.States() {
		if state == importer.Sending && w.service.sends[relation] > 0 {
			w.allowed++
		}
	}
	for _, lane := range w.lanes {
		w.memory.Kill(lane)
	}
	for _, p := range w.pacers {
		if p.open != 0 {
			w.Errorf("pacer: %d slots neither answered nor given back", p.open)
		}
		for _, breach := range p.breaches {
			w.Error("pacer: ", breach)
		}
	}
	for _, breach := range w.memory.Breaches() {
		w.Error("ledger: ", breach)
	}
}

// drain runs "loc" with nothing to stop it.
func (w *world) drain() importer.End {
	w.Helper()
	return w.run(context.Background(), context.Background(), "loc")[0]
}

// soft runs "loc" and stops it softly after a while.
func (w *world) soft(after time.Duration) importer.End {
	w.Helper()
	soft, stop := context.WithCancelCause(context.Background())
	timer := time.AfterFunc(after, func() { stop(importer.StopMaxDuration) })
	defer stop(nil)
	defer timer.Stop()
	return w.run(context.Background(), soft, "loc")[0]
}

// kill runs "loc" and kills it after a while.
func (w *world) kill(after time.Duration) importer.End {
	w.Helper()
	hard, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.at(after, func() {
		for _, lane := range w.lanes {
			w.memory.Kill(lane)
		}
		cancel()
	})
	return w.run(hard, hard, "loc")[0]
}
