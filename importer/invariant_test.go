package importer_test

import (
	"context"
	"slices"
	"time"

	"relink/importer"
)

// ended checks how a run ended.
func (w *world) ended(end importer.End, want importer.Stop) {
	w.Helper()
	if end.Stop != want {
		w.Errorf("the run ended with %q (%s, %v), want %q", end.Stop, end.Detail, end.Err, want)
	}
}

// clean checks that nothing is left claimed.
func (w *world) clean() {
	w.Helper()
	if n := w.memory.Claimed(); n != 0 {
		w.Errorf("%d rows are left sending", n)
	}
}

// honest is the part of the invariant that holds at any time: what the ledger
// says is so at the service.
func (w *world) honest() {
	w.Helper()
	for relation, state := range w.memory.States() {
		switch state {
		case importer.Created, importer.Existing:
			if !w.service.written[relation] {
				w.Errorf("%v is %s, and the service has it not", relation, state)
			}
		case importer.Failed:
			if !w.bad[relation] {
				w.Errorf("%v: false failure: %v", relation, w.memory.Row(relation).Cause)
			}
		}
	}
}

// finish runs until all is done and states the invariant.
func (w *world) finish() {
	w.Helper()
	time.Sleep(time.Minute) // cut connections are noticed meanwhile
	var locations []string
	for _, r := range w.all {
		if !slices.Contains(locations, r.Location) {
			locations = append(locations, r.Location)
		}
	}
	for _, end := range w.run(context.Background(), context.Background(), locations...) {
		w.ended(end, importer.StopNone)
	}
	w.invariant()
}

// invariant: ledger and service agree pair by pair, every good row is created or
// existing, nothing failed falsely, nothing is sending, the books balance.
func (w *world) invariant() {
	w.Helper()
	w.honest()
	w.clean()
	books := importer.Books{Rows: int64(len(w.all))}
	states := w.memory.States()
	for _, relation := range w.all {
		books.Distinct++
		switch states[relation] {
		case importer.Created:
			books.Created++
		case importer.Existing:
			books.Existing++
		case importer.Failed:
			books.Failed++
		case importer.Undone:
			books.Undone++
		default:
			w.Errorf("%v is left %s", relation, states[relation])
		}
		if there := states[relation] == importer.Created || states[relation] == importer.Existing; there != w.service.written[relation] {
			w.Errorf("%v is %s; at the service: %v", relation, states[relation], w.service.written[relation])
		}
		if w.bad[relation] != (states[relation] == importer.Failed) {
			w.Errorf("%v is %s, is it bad: %v", relation, states[relation], w.bad[relation])
		}
	}
	if !books.Balanced() || books.Left() != 0 || len(states) != len(w.all) {
		w.Errorf("the books do not balance: %+v", books)
	}
	if limit := w.allowed + w.service.unclear; w.service.again > limit {
		w.Errorf("%d sends of pairs that were there already, want at most %d", w.service.again, limit)
	}
}
