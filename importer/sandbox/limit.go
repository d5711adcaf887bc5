package sandbox

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Limit is what a location may spend. A zero field takes the default: 100
// requests per 10 s and 200,000 a day.
type Limit struct {
	Max      int // requests in an interval; -1: no limit and no headers of it
	Interval time.Duration
	Daily    int // requests a day; -1: no limit and no headers of it
}

func (l Limit) or(d Limit) Limit {
	if l.Max == 0 {
		l.Max = d.Max
	}
	if l.Interval <= 0 {
		l.Interval = d.Interval
	}
	if l.Daily == 0 {
		l.Daily = d.Daily
	}
	return l
}

// bucket is the allowance of one location, which all its callers share, and the
// measure of what arrived there.
type bucket struct {
	limit  Limit
	window string
	start  time.Time // its monotonic reading is the zero of all times here
	max    []string  // values of the headers that never change
	millis []string
	daily  []string

	mu        sync.Mutex
	recent    arrivals
	fixed     int64 // the number of the fixed window that counts now
	fixedOurs int
	fixedUsed int
	day       int64
	dayUsed   int
	otherGap  int64 // nanoseconds between two requests of the other client; 0: none
	otherNext int64

	requests, throttled           int
	mostOurs, mostUsed, mostFixed int
}

// quota is where a location stands after a request.
type quota struct {
	spent     bool // nothing was left for it
	remaining int
	dayLeft   int
	wait      time.Duration // until a request can pass again, when spent
	reset     time.Duration // until the day turns
}

func newBucket(l Limit, window string, others float64, now time.Time) *bucket {
	b := &bucket{
		limit: l, window: window, start: now,
		max:    []string{strconv.Itoa(l.Max)},
		millis: []string{strconv.FormatInt(l.Interval.Milliseconds(), 10)},
		daily:  []string{strconv.Itoa(l.Daily)},
	}
	if others > 0 {
		b.otherGap = max(1, int64(float64(time.Second)/others))
	}
	return b
}

// arrive counts a request and, if it wants to pass, takes its share. The offset
// moves the day alone.
func (b *bucket) arrive(pass bool, offset time.Duration) quota {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now() // under the lock: arrivals must stand in their order
	t := int64(now.Sub(b.start))
	day, left := dayOf(now.Add(offset))
	if day != b.day {
		b.day, b.dayUsed = day, 0
	}
	b.spendOthers(t, int64(24*time.Hour-left))
	b.requests++
	b.turn(t)

	var used bool
	if pass {
		used = b.open()
		if used {
			b.dayUsed++
		} else {
			b.throttled++
		}
	}
	b.note(t, used || pass && b.window == WindowStrict, true)
	b.mostOurs = max(b.mostOurs, b.recent.ours)
	b.mostFixed = max(b.mostFixed, b.fixedOurs)
	if used {
		b.mostUsed = max(b.mostUsed, b.recent.passed)
	}
	q := quota{
		spent:     pass && !used,
		remaining: max(0, b.limit.Max-b.count()),
		dayLeft:   max(0, b.limit.Daily-b.dayUsed),
		reset:     left,
	}
	if q.spent {
		q.wait = b.wait(t, left)
	}
	return q
}

// turn forgets what lies outside the window that ends at t.
func (b *bucket) turn(t int64) {
	b.recent.drop(t - int64(b.limit.Interval))
	if w := (b.start.UnixNano() + t) / int64(b.limit.Interval); w != b.fixed {
		b.fixed, b.fixedOurs, b.fixedUsed = w, 0, 0
	}
}

func (b *bucket) count() int {
	if b.window == WindowFixed {
		return b.fixedUsed
	}
	return b.recent.used
}

// open tells whether one more request may pass.
func (b *bucket) open() bool {
	return (b.limit.Max < 0 || b.count() < b.limit.Max) &&
		(b.limit.Daily < 0 || b.dayUsed < b.limit.Daily)
}

func (b *bucket) note(t int64, used, ours bool) {
	b.recent.push(t, used, ours)
	if used {
		b.fixedUsed++
	}
	if ours {
		b.fixedOurs++
	}
}

// spendOthers lets the other client take its share up to t. Of a long silence
// only the last interval is played; what the day has seen of the rest counts for
// the day alone.
func (b *bucket) spendOthers(t, today int64) {
	if b.otherGap == 0 {
		return
	}
	if past := (t - int64(b.limit.Interval) - b.otherNext) / b.otherGap; past > 0 {
		b.otherNext += past * b.otherGap
		b.dayUsed += int(min(past, max(0, today-int64(b.limit.Interval))/b.otherGap))
	}
	for ; b.otherNext <= t; b.otherNext += b.otherGap {
		b.turn(b.otherNext)
		if b.open() {
			b.dayUsed++
			b.note(b.otherNext, true, false)
		}
	}
}

// wait is the time after which a request may pass, if nobody else comes.
func (b *bucket) wait(t int64, dayLeft time.Duration) time.Duration {
	interval := int64(b.limit.Interval)
	switch {
	case b.limit.Daily >= 0 && b.dayUsed >= b.limit.Daily:
		return dayLeft
	case b.window == WindowFixed:
		return time.Duration(interval - (b.start.UnixNano()+t)%interval)
	case b.window == WindowStrict:
		return b.limit.Interval
	}
	return time.Duration(b.recent.oldestUsed() + interval - t)
}

// write puts the allowance into the headers of an answer.
func (b *bucket) write(h http.Header, q quota) {
	if b.limit.Max >= 0 {
		h["X-Ratelimit-Max"] = b.max
		h["X-Ratelimit-Remaining"] = []string{strconv.Itoa(q.remaining)}
		h["X-Ratelimit-Interval-Milliseconds"] = b.millis
	}
	if b.limit.Daily >= 0 {
		h["X-Ratelimit-Limit-Daily"] = b.daily
		h["X-Ratelimit-Daily-Remaining"] = []string{strconv.Itoa(q.dayLeft)}
		h["X-Ratelimit-Daily-Reset"] = []string{strconv.FormatInt(q.reset.Milliseconds(), 10)}
	}
}

// dayOf numbers the day of t and tells what is left of it.
func dayOf(t time.Time) (day int64, left time.Duration) {
	const length = int64(24 * time.Hour)
	ns := t.UnixNano()
	return ns / length, time.Duration(length - ns%length)
}
