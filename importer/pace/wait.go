package pace

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"relink/importer"
)

// sleep is what a Wait is waiting for.
type sleep uint8

const (
	awake     sleep = iota // the call may start
	forTime                // for some time to pass, or limits to change
	forAnswer              // for a call in flight to end, or some time to pass
)

// never is a sleep that only an answer ends.
const never = 24 * time.Hour

// Wait blocks until one more call may start, and takes its slot.
func (l *Lane) Wait(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		why, d, err := l.try()
		if err != nil || why == awake {
			return err
		}
		if err := l.sleep(ctx, d); err != nil {
			return err
		}
	}
}

// try takes a slot if all gates are open, or says what to wait for. Nothing is
// reserved by a try that fails, so whatever changes moves a sleeping Wait too.
func (l *Lane) try() (why sleep, d time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unlimited() {
		l.slots.inFlight++
		return awake, 0, nil
	}
	now := l.now()
	why, d, err = l.gates(now)
	if why == awake && err == nil {
		l.start(now)
	}
	l.asleep = why
	return why, d, err
}

// gates asks one gate after the other. The limiter comes last: it alone takes
// something when it lets a call pass.
func (l *Lane) gates(now time.Duration) (sleep, time.Duration, error) {
	if why, d, err := l.dayGate(now); why != awake || err != nil {
		return why, d, err
	}
	if now < l.brake.until {
		return forTime, l.brake.until - now, nil
	}
	if l.others.stale(now, l.interval()) {
		l.probing = true
	}
	if l.probing && l.probed {
		return forAnswer, never, nil
	}
	if l.window.Max == 0 {
		return awake, 0, nil
	}
	if why, d := l.slotGate(now); why != awake {
		return why, d, nil
	}
	return l.rateGate(now)
}

func (l *Lane) dayGate(now time.Duration) (sleep, time.Duration, error) {
	switch l.day.verdict(now, l.slots.inFlight) {
	case enough:
		return awake, 0, nil
	case unsure:
		return forAnswer, never, nil
	}
	switch {
	case !l.config.WaitForQuota:
		return awake, 0, importer.Spent
	case l.slots.inFlight > 0:
		return forAnswer, never, nil
	}
	// Look at the wall clock every minute: the one behind timers stands still
	// while a machine sleeps.
	clock := time.Now().Round(0)
	wait := l.day.probe(clock).Sub(clock)
	switch {
	case !l.day.told: // our own count falls by itself
		return forTime, time.Minute, nil
	case wait > 0:
		return forTime, min(wait, time.Minute), nil
	}
	return awake, 0, nil
}

// slotGate looks for a free slot, with room made for others.
func (l *Lane) slotGate(now time.Duration) (sleep, time.Duration) {
	interval := l.window.Interval
	l.others.mine.see(now, interval/4, l.slots.held())
	l.slots.free(now - interval - interval/guard)

	step := max(1, l.window.Max/25)
	capacity, used := l.window.Max-step*l.brake.steps(now), 0
	if l.told.Max > 0 {
		used = l.others.used(now, interval)
	}
	if used > 0 { // and a step for what they do until we see it
		capacity = min(capacity, l.told.Max-used-step*(1+l.brake.steps(now)))
	}
	pace := l.brake.pace(now)
	calls := float64(max(1, capacity)) * pace // one must go, or nothing more is learned
	l.setLimit(now, calls)

	if used > 0 && !l.probing && l.others.room < 1 {
		if l.slots.inFlight > 0 {
			return forAnswer, never
		}
		return forTime, max(l.others.at+interval-now, 0) + 1 // it is stale then
	}
	places := max(1, int(calls))
	if l.slots.held() < places {
		return awake, 0
	}
	ended, known := l.slots.below(places)
	if !known {
		return forAnswer, never
	}
	return forTime, ended + interval + interval/guard - now
}

// guard is the part of an interval by which slots stay longer: it covers clocks
// that run apart, and times cut to milliseconds.
const guard = 10_000

func (l *Lane) rateGate(now time.Duration) (sleep, time.Duration, error) {
	at := l.began.Add(now)
	if l.limiter.AllowN(at, 1) {
		return awake, 0, nil
	}
	missing := time.Duration((1 - l.limiter.TokensAt(at)) / float64(l.limit) * 1e9)
	return forTime, missing + 1, nil
}

// setLimit spreads calls over the interval.
func (l *Lane) setLimit(now time.Duration, calls float64) {
	limit := rate.Limit(calls / l.window.Interval.Seconds())
	if limit != l.limit {
		l.limit = limit
		l.limiter.SetLimitAt(l.began.Add(now), limit)
	}
}

// start counts a call that may start.
func (l *Lane) start(now time.Duration) {
	l.slots.inFlight++
	l.others.room--
	l.brake.started++
	l.day.start(now)
	l.probed = true
}

// sleep waits for d, for a wake, or for the context to end.
func (l *Lane) sleep(ctx context.Context, d time.Duration) error {
	if l.timer == nil {
		l.timer = time.NewTimer(d)
	} else {
		l.timer.Reset(d)
	}
	defer l.timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.timer.C:
	case <-l.woken:
	}
	return nil
}

// wake has a sleeping Wait look again, if it waits for what happened.
func (l *Lane) wake(what sleep) {
	if l.asleep == awake || l.asleep == forTime && what == forAnswer {
		return
	}
	l.asleep = awake
	select {
	case l.woken <- struct{}{}:
	default:
	}
}
