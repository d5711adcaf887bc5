package pace

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// The ring against a plain list.
func TestSlots(t *testing.T) {
	seeds(t, 20, func(t *testing.T, random *rand.Rand) {
		var s slots
		var ended []time.Duration
		var now time.Duration
		for range 500 {
			now += time.Duration(random.IntN(5))
			switch random.IntN(3) {
			case 0:
				s.inFlight++
			case 1:
				if s.inFlight > 0 {
					s.end(now)
					ended = append(ended, now)
				}
			case 2:
				until := now - time.Duration(random.IntN(100))
				s.free(until)
				ended = slices.DeleteFunc(ended, func(at time.Duration) bool { return at <= until })
			}
			if got, want := s.held(), s.inFlight+len(ended); got != want {
				t.Fatalf("held: got %d, want %d", got, want)
			}
			n := 1 + random.IntN(s.held()+1)
			if s.held() < n {
				continue
			}
			at, known := s.below(n)
			last := s.held() - n
			if known != (last < len(ended)) || known && at != ended[last] {
				t.Fatalf("below %d of %d in flight and %v: got %v, %v", n, s.inFlight, ended, at, known)
			}
		}
	})
}
