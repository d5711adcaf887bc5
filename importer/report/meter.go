package report

import "time"

// window is how far back the rate looks: long enough to be calm, short enough
// to follow a change of pace.
const window = 15 * time.Second

// A meter measures the rate over a moving window. Its zero value is ready.
type meter struct {
	samples []sample
}

type sample struct {
	at   time.Time
	done int64
}

// add notes how much is done at a moment.
func (m *meter) add(at time.Time, done int64) {
	m.samples = append(m.samples, sample{at, done})
	// One sample older than the window stays, so that the window is covered.
	old := 0
	for old+1 < len(m.samples) && at.Sub(m.samples[old+1].at) >= window {
		old++
	}
	m.samples = append(m.samples[:0], m.samples[old:]...)
}

// rate is so many a second over the window; 0 before there is enough to tell.
func (m *meter) rate() float64 {
	if len(m.samples) < 2 {
		return 0
	}
	first, last := m.samples[0], m.samples[len(m.samples)-1]
	span := last.at.Sub(first.at)
	if span < time.Second {
		return 0
	}
	return float64(last.done-first.done) / span.Seconds()
}

// left is how long the rest takes at the present rate, and whether one can say.
func (m *meter) left(rest int64) (time.Duration, bool) {
	rate := m.rate()
	const longest = 100 * 365 * 24 * 3600
	if rate <= 0 || float64(rest)/rate > longest {
		return 0, false
	}
	return time.Duration(float64(rest) / rate * float64(time.Second)), true
}
