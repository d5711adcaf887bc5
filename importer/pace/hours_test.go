package pace

import (
	"testing"
	"time"
)

func TestHours(t *testing.T) {
	var h hours
	h.add(0, 5)
	h.add(90*time.Minute, 3)
	h.add(3*time.Hour, -1)
	for _, c := range []struct {
		at   time.Duration
		want int
	}{{3, 7}, {24, 7}, {25, 2}, {26, -1}, {28, 0}, {500, 0}} {
		if got := h.sum(c.at * time.Hour); got != c.want {
			t.Errorf("after %d h: got %d, want %d", c.at, got, c.want)
		}
	}
	h.add(500*time.Hour, 4)
	if got := h.sum(524 * time.Hour); got != 4 {
		t.Errorf("after a pause: got %d, want 4", got)
	}
	if got := h.sum(525 * time.Hour); got != 0 {
		t.Errorf("a day after a pause: got %d, want 0", got)
	}
}
