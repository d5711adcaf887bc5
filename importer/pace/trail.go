package pace

import (
	"math"
	"time"
)

// trailSteps is into how many steps a trail divides the interval. The run after
// it takes each call to have ended at the end of its step, so that it starts at
// most a step late.
const trailSteps = 20

// unrecorded is for how long after its last record a run that was killed may
// have gone on: a few times as long as from one record to the next.
const unrecorded = 3 * time.Second

// A Trail is what a lane leaves behind for the run after it: with it, a run may
// start inside a window of a killed one and not meet a 429.
type Trail struct {
	Told     Rate            // the window by headers, zero when they told none
	Span     time.Duration   // the interval that was kept to; 0: no limit, and nothing to follow
	InFlight int             // calls not ended
	Ended    [trailSteps]int // calls that ended in each step of Span before, the latest first

	// What headers told of the day, for a forecast; nothing follows it, since
	// one answer tells it anew.
	DailyLimit     int // 0 unknown
	DailyRemaining int // as told, the reserve not left out; below 0 unknown
	DailyReset     time.Time
}

// A Past is how a trail was left.
type Past struct {
	Age  time.Duration // since it was recorded
	Open bool          // the run had not ended by then: it may have made more calls
}

// Trail is the lane's trail as of now, that of the runs before it included.
func (l *Lane) Trail() Trail {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := Trail{Told: l.told, InFlight: l.slots.inFlight, DailyLimit: l.day.whole, DailyRemaining: -1, DailyReset: l.day.resets(time.Now())}
	if l.day.told {
		t.DailyRemaining = max(0, l.day.low-l.day.open)
	}
	if l.window.Max == 0 {
		return t
	}
	t.Span = l.window.Interval
	now := l.now()
	l.slots.free(now - t.Span - t.Span/guard)
	l.slots.each(func(ended time.Duration) {
		step := int((now - ended) / (t.Span / trailSteps))
		t.Ended[min(max(step, 0), trailSteps-1)]++
	})
	return t
}

// Follow takes up an earlier run's trail. It must be called before the first
// Wait.
func (l *Lane) Follow(t Trail, p Past) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if t.Told.sensible() {
		l.told = t.Told
		l.resize(now)
	}
	if t.Span <= 0 || l.window.Max == 0 {
		return
	}
	recorded := now - max(p.Age, 0)
	room := l.window.Max // more than a window full hold back no more than that
	push := func(n int, ended time.Duration) {
		for range min(n, room) {
			l.slots.push(ended)
			room--
		}
	}
	last := recorded // when the last call may have ended
	unknown := t.InFlight
	if p.Open {
		more := min(max(p.Age, 0), unrecorded)
		last += more
		unknown += l.window.burst() + int(math.Ceil(l.window.PerSecond()*more.Seconds()))
	}
	// The ring wants the oldest first; what is cut off at a full window must be
	// the oldest too.
	skip := -room + unknown
	for _, n := range t.Ended {
		skip += n
	}
	for step := trailSteps - 1; step >= 0; step-- {
		n := t.Ended[step]
		cut := min(n, max(skip, 0))
		skip -= cut
		push(n-cut, recorded-t.Span/trailSteps*time.Duration(step))
	}
	push(unknown, last)
	l.slots.free(now - l.window.Interval - l.window.Interval/guard)
}
