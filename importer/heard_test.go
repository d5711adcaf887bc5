package importer

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h heard
		lately := func(want bool) {
			t.Helper()
			if got := h.lately(); got != want {
				t.Errorf("heard lately: got %v, want %v", got, want)
			}
		}
		lately(false)
		h.at(time.Now())
		lately(true)
		time.Sleep(silence - 1)
		lately(true)
		time.Sleep(time.Nanosecond)
		lately(false)
		h.at(time.Now())
		h.wall = h.wall.Add(-time.Hour) // suspended for an hour: only the wall clock saw it
		lately(false)
		h.wall = h.wall.Add(2 * time.Hour) // set back
		lately(false)
		h.at(time.Now())
		h.lose()
		lately(false)
	})
}
