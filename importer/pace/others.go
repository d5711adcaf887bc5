package pace

import (
	"time"

	"relink/importer"
)

// others estimates what other callers take out of our bucket.
//
// An answer's Remaining tells how much of the window is used. What our own slots
// cannot explain is theirs. Since an answer is old when it arrives, it is compared
// with the most slots that we held shortly before: that never blames others for
// our own calls. The highest estimate of two intervals counts: a fixed window
// shows only at its end what others use in it, and that has to last until the
// next one's end, or the estimate would swing.
type others struct {
	told  bool          // Remaining came at least once
	at    time.Duration // when it last came
	room  int           // calls that may start on the strength of it
	mine  peak          // slots that we held
	extra peak          // used, and not by us
}

// memory is for how many intervals an estimate counts.
const memory = 2

// observe takes in an answer; its own call counts as ended already. It reports
// whether the answer told the state of the bucket.
func (o *others) observe(now time.Duration, q importer.Quota, window time.Duration, inFlight int) bool {
	if !q.HasRemaining || q.Max < 1 || q.Remaining < 0 || q.Remaining > q.Max {
		return false
	}
	o.told, o.at = true, now
	o.room = q.Remaining - inFlight // those in flight may not be in it yet
	if extra := q.Max - q.Remaining - o.mine.high(now, window/4); extra > 0 {
		o.extra.see(now, memory*window, extra)
	}
	return true
}

// used is how many places of the window others take.
func (o *others) used(now, window time.Duration) int {
	return o.extra.high(now, memory*window)
}

// stale reports that what was told is out of date: all of it has left the window.
func (o *others) stale(now, window time.Duration) bool {
	return o.told && now-o.at > window
}
