package pace

import (
	"math/rand/v2"
	"time"
)

const (
	slower   = 0.7         // of the pace, after a 429
	slowest  = 0.05        // however many come
	recovers = time.Minute // until the full pace is back
	wary     = 3 * time.Minute
	mostWary = 5
)

// brake is what a 429 does to a lane: a hold, a slower pace after it, and for
// some minutes a step of the window that stays unused. Without the step, a
// trickle of other calls that our own full use hides would meet us with a 429
// each time that the full pace is back.
type brake struct {
	until     time.Duration // nothing starts before
	factor    float64       // of the pace at since; 0 is 1
	since     time.Duration
	caution   int // steps
	started   int // calls that started since the last hold began
	throttled int
	held      time.Duration
}

// hold starts a hold of the length given, or joins the one that there is. All
// 429s to calls of before the hold are one: they are counted, but nothing is
// made slower twice for them.
func (b *brake) hold(now, length time.Duration, named bool) {
	b.throttled++
	same := b.until > 0 && b.started <= 0
	if same && !named {
		return
	}
	length += rand.N(length/10 + 1)
	if end := now + length; end > b.until {
		b.held += end - max(now, b.until)
		b.until = end
	}
	if !same {
		b.factor = max(slowest, b.pace(now)*slower)
		b.caution = min(b.steps(now)+1, mostWary)
		b.started = 0
	}
	b.since = b.until
}

// pace is the part of the full pace that is allowed now.
func (b *brake) pace(now time.Duration) float64 {
	if b.factor == 0 {
		return 1
	}
	back := float64(max(0, now-b.since)) / float64(recovers)
	if back >= 1 {
		b.factor = 0
		return 1
	}
	return b.factor + (1-b.factor)*back
}

// steps is how many steps of the window stay unused: one for each 429 of late,
// and one less with every few minutes without any.
func (b *brake) steps(now time.Duration) int {
	return max(0, b.caution-int(max(0, now-b.since)/wary))
}
