package pace

import (
	"testing"
	"time"
)

func TestPeak(t *testing.T) {
	const span = 8 * time.Second
	var p peak
	if got := p.high(0, span); got != 0 {
		t.Errorf("of nothing: got %d, want 0", got)
	}
	p.see(1*time.Second, span, 5)
	p.see(3*time.Second, span, 2)
	for _, c := range []struct {
		at   time.Duration
		want int
	}{{3, 5}, {9, 5}, {10, 2}, {11, 2}, {12, 0}, {1000, 0}} {
		if got := p.high(c.at*time.Second, span); got != c.want {
			t.Errorf("after %ds: got %d, want %d", c.at, got, c.want)
		}
	}
	p.see(1000*time.Second, span, 1)
	if got := p.high(1000*time.Second, span); got != 1 {
		t.Errorf("seen after a pause: got %d, want 1", got)
	}
}
