package report

import (
	"math"
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	var m meter
	start := time.Now()
	if _, ok := m.left(10); ok || m.rate() != 0 {
		t.Error("an empty meter tells a rate")
	}
	// A minute at 10/s, then half a minute at 2/s.
	done := 0.0
	for tick := range 450 {
		m.add(start.Add(time.Duration(tick)*200*time.Millisecond), int64(done))
		switch tick {
		case 4:
			if got := m.rate(); got != 0 {
				t.Errorf("rate after 0.8 s = %v: too early to tell", got)
			}
		case 299:
			if got := m.rate(); math.Abs(got-10) > 0.2 {
				t.Errorf("rate after a minute = %v, want 10", got)
			}
			if got, ok := m.left(1000); !ok || math.Abs(got.Seconds()-100) > 2 {
				t.Errorf("left = %v, %v, want 100 s", got, ok)
			}
		}
		if tick < 300 {
			done += 2
		} else {
			done += 0.4
		}
	}
	if got := m.rate(); math.Abs(got-2) > 0.2 {
		t.Errorf("rate after the change = %v, want 2", got)
	}
	if len(m.samples) > 80 {
		t.Errorf("%d samples are kept for a window of %v", len(m.samples), window)
	}
}

func TestMeterWithoutProgress(t *testing.T) {
	var m meter
	m.add(time.Now(), 5)
	m.add(time.Now().Add(10*time.Second), 5)
	if _, ok := m.left(10); ok {
		t.Error("time left is told while nothing moves")
	}
}
