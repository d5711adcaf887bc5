package pace

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"relink/importer"
)

// Config says how a Lane starts. The zero value goes as fast as headers allow.
type Config struct {
	Rate Rate // asked for; headers can only lower it

	DailyReserve int  // calls of the day's quota to leave over
	DailyLimit   int  // quota where the service tells none; 0: 200,000, or no limit when Rate is zero
	SpentToday   int  // our calls of the last 24 h before this lane, used where the service tells nothing
	WaitForQuota bool // Wait sleeps until the day's quota is back, in place of ending with Spent
}

// A Lane paces the calls of one location, whatever their kind. Make it with New.
// Wait is for one goroutine, the other methods are for any number.
type Lane struct {
	config Config
	began  time.Time
	timer  *time.Timer   // belongs to Wait
	woken  chan struct{} // an answer, or new limits, for a sleeping Wait

	mu      sync.Mutex
	asleep  sleep
	told    Rate // by headers
	window  Rate // what is kept to; the zero value is no limit
	slots   slots
	limiter *rate.Limiter
	limit   rate.Limit // the limiter's
	probing bool       // one call at a time until an answer tells the bucket's state
	probed  bool       // and that one has started
	blank   int        // answers in a row that told nothing of it
	others  others
	brake   brake
	day     day
}

var _ importer.Pacer = (*Lane)(nil)

// blankAnswers is after how many answers without headers a lane believes that
// there will be none. One may be a lost answer: a lane that goes ahead then is
// some calls too far before it learns of a lower limit.
const blankAnswers = 3

// New makes a lane. It starts with one call, and waits for its answer. Without
// an earlier run's trail to Follow, what that run spent of the window is known
// only from there on.
func New(config Config) *Lane {
	l := &Lane{
		config:  config,
		began:   time.Now(),
		woken:   make(chan struct{}, 1),
		limiter: rate.NewLimiter(0, 1), // full: the first call need not wait
		probing: true,
	}
	l.day.reserve, l.day.limit = config.DailyReserve, config.DailyLimit
	if l.day.limit == 0 && config.Rate.Max > 0 {
		l.day.limit = usualDay
	}
	l.day.own.add(0, config.SpentToday)
	l.resize(0)
	return l
}

// Answered gives the slot of an ended call back one interval from now, and
// takes in what its answer told.
func (l *Lane) Answered(q importer.Quota) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unlimited() && !q.HasRemaining && !q.HasDailyRemaining && q.Max == 0 {
		l.slots.inFlight--
		return
	}
	now := l.now()
	l.heed(q, now)
	l.others.mine.see(now, l.interval()/4, l.slots.held())
	if l.window.Max > 0 {
		l.slots.end(now)
	} else {
		l.slots.inFlight--
	}
	l.day.observe(q, l.slots.inFlight)
	l.probed = false
	if l.others.observe(now, q, l.interval(), l.slots.inFlight) {
		l.probing, l.blank = false, 0
	} else if l.blank++; l.probing && l.blank >= blankAnswers {
		l.probing, l.others.told = false, false
	}
	l.wake(forAnswer)
}

// Unused gives back the slot of a call that was never made.
func (l *Lane) Unused() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slots.inFlight--
	l.others.room++
	l.brake.started--
	l.day.unused(l.now())
	l.probed = false
	l.wake(forAnswer)
}

// Hold starts nothing more before the reply's RetryAfter has passed, or else
// the interval, and goes slower for about a minute after it. It may be called
// before or after Answered, for each of many 429s of one moment.
func (l *Lane) Hold(reply importer.Reply) {
	l.mu.Lock()
	defer l.mu.Unlock()
	length, named := reply.RetryAfter, reply.RetryAfter > 0
	if !named {
		length = l.interval()
	}
	l.brake.hold(l.now(), length, named)
	l.probing, l.probed, l.blank = true, false, 0
}

// Reset is when the day's quota is full again, as far as the service told; zero
// when it did not, or told no sensible one.
func (l *Lane) Reset() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.day.resets(time.Now())
}

// heed takes limits from an answer.
func (l *Lane) heed(q importer.Quota, now time.Duration) {
	told := Rate{Max: q.Max, Interval: q.Interval}
	if told.Interval == 0 {
		told.Interval = l.interval()
	}
	if told != l.told && told.sensible() {
		l.told = told
		l.resize(now)
		l.wake(forTime)
	}
}

// resize puts the limits together that were asked for and told.
func (l *Lane) resize(now time.Duration) {
	l.window = l.config.Rate.Lowered(l.told)
	l.limiter.SetBurstAt(l.began.Add(now), l.window.burst())
}

// interval is the window's length, or the usual one while there is no window.
func (l *Lane) interval() time.Duration {
	if l.window.Max == 0 {
		return usualInterval
	}
	return l.window.Interval
}

// unlimited reports that nothing at all has to be kept to: calls are only
// counted, and no clock is read.
func (l *Lane) unlimited() bool {
	return l.window.Max == 0 && !l.probing && l.brake.until == 0 && !l.day.told && l.day.limit == 0
}

func (l *Lane) now() time.Duration { return time.Since(l.began) }
