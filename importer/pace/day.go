package pace

import (
	"math/rand/v2"
	"time"

	"relink/importer"
)

// usualDay is the day's quota where nobody tells.
const usualDay = 200_000

const (
	longestDay = 26 * time.Hour   // with a change of the clocks
	retryQuota = 15 * time.Minute // between probes of a spent quota without a known reset
)

// A verdict is what the day's quota says of one more call.
type verdict uint8

const (
	enough verdict = iota
	unsure         // the answers of the calls in flight will tell
	spent
)

// day watches the day's quota.
//
// Within a day DailyRemaining only falls, so the lowest seen is the truth as of
// some call, and whatever answer shows more was made before that call. open
// counts the calls that may not be in low: with none in doubt the quota can be
// used to the last call, and the reserve is never touched.
type day struct {
	reserve int
	limit   int // by our own count while nobody tells; 0 for none

	told   bool
	whole  int // the quota of a day, by headers; 0 unknown
	low    int // lowest DailyRemaining of this day
	open   int // calls that may have come after it
	before int // calls in flight when it was seen: their answers may show more
	above  int // answers since that showed more
	reset  time.Time

	own   hours
	retry time.Time // next probe while spent, zero: not yet decided
}

func (d *day) start(now time.Duration) {
	d.open++
	if d.limit > 0 {
		d.own.add(now, 1)
	}
	d.retry = time.Time{}
}

func (d *day) unused(now time.Duration) {
	d.open--
	if d.limit > 0 {
		d.own.add(now, -1)
	}
}

// observe takes in an answer; its own call counts as ended already.
func (d *day) observe(q importer.Quota, inFlight int) {
	if !q.DailyReset.IsZero() {
		d.reset = q.DailyReset
	}
	if q.DailyLimit > 0 {
		d.whole = q.DailyLimit
	}
	left := q.DailyRemaining
	if !q.HasDailyRemaining || left < 0 || q.DailyLimit > 0 && left > q.DailyLimit {
		return
	}
	if d.told && left >= d.low {
		d.open = max(d.open-1, 0) // its call came before the lowest's, and is in it
		if left > d.low {
			d.above++
		}
		if d.above <= d.before {
			return
		}
		// More answers show more than can be late ones: it is a new day.
	}
	d.told, d.low, d.open, d.before, d.above = true, left, inFlight, inFlight, 0
}

// verdict says whether one more call may start.
func (d *day) verdict(now time.Duration, inFlight int) verdict {
	switch {
	case !d.told && d.limit == 0:
		return enough
	case !d.told && d.own.sum(now) < d.limit-d.reserve:
		return enough
	case !d.told:
		return spent
	case d.low-d.open > d.reserve:
		return enough
	case d.low > d.reserve && inFlight > 0:
		return unsure
	}
	return spent
}

// probe says when a spent quota is to be tried with one call.
func (d *day) probe(clock time.Time) time.Time {
	if d.retry.IsZero() {
		if reset := d.resets(clock); !reset.IsZero() {
			d.retry = reset.Add(rand.N(30 * time.Second))
		} else {
			d.retry = clock.Add(retryQuota)
		}
	}
	return d.retry
}

// resets is the time of the reset as told, if it is one for today's quota.
func (d *day) resets(clock time.Time) time.Time {
	if d.reset.After(clock) && d.reset.Before(clock.Add(longestDay)) {
		return d.reset
	}
	return time.Time{}
}

// left is how many calls may still start today, if that is known.
func (d *day) left(now time.Duration) (calls int, known bool) {
	switch {
	case d.told:
		return max(0, d.low-d.open-d.reserve), true
	case d.limit > 0:
		return max(0, d.limit-d.reserve-d.own.sum(now)), true
	}
	return 0, false
}
