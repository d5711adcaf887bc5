package importer_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"relink/importer"
)

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

// Of the rows that fail the first are told one by one, the others are not.
func TestFewFailuresShown(t *testing.T) {
	play(t, 30, func(w *world) {
		for _, r := range w.all[10:] {
			w.bad[r] = true
		}
		w.service.react = w.rejectBad
		var log bytes.Buffer
		lane := w.lane("loc")
		lane.Tally, lane.Log = &importer.Tally{}, slog.New(slog.NewTextHandler(&log, nil))
		w.ended(importer.Run(context.Background(), context.Background(), []*importer.Lane{lane})[0], importer.StopNone)
		if n := strings.Count(log.String(), `msg="row failed"`); n != 5 {
			t.Errorf("%d failures shown, want 5:\n%s", n, log.String())
		}
	})
}
