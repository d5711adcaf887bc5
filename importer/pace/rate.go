package pace

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Rate is a number of calls allowed in any interval. The zero value sets no
// limit of its own.
type Rate struct {
	Max      int
	Interval time.Duration
}

// What a rate may be made of: beyond these it is a slip of the keyboard, or a
// header that says nothing.
const (
	mostCalls     = 1_000_000_000
	shortInterval = time.Millisecond
	longInterval  = 24 * time.Hour
)

// usualInterval is taken where a limit is told without its interval, and after
// a 429 where none is known.
const usualInterval = 10 * time.Second

// ParseRate reads "100/10s", "10/s" or "0".
func ParseRate(text string) (Rate, error) {
	number, interval, found := strings.Cut(strings.TrimSpace(text), "/")
	calls, err := strconv.Atoi(number)
	if err != nil {
		return Rate{}, fmt.Errorf("rate %q: want calls/interval like 100/10s, or 0", text)
	}
	if !found {
		if calls != 0 {
			return Rate{}, fmt.Errorf("rate %q: the interval is missing, as in %d/10s", text, calls)
		}
		return Rate{}, nil
	}
	if interval != "" && (interval[0] < '0' || interval[0] > '9') {
		interval = "1" + interval
	}
	length, err := time.ParseDuration(interval)
	if err != nil {
		return Rate{}, fmt.Errorf("rate %q: the interval must be like 10s, s or 1m", text)
	}
	r := Rate{Max: calls, Interval: length}
	if !r.sensible() {
		return Rate{}, fmt.Errorf("rate %q: want 1 to %d calls in 1ms to 24h, or 0 for no limit of our own", text, mostCalls)
	}
	return r, nil
}

// String writes the rate as ParseRate reads it.
func (r Rate) String() string {
	if r.Max == 0 {
		return "0"
	}
	interval := r.Interval.String()
	if minutes, found := strings.CutSuffix(interval, "m0s"); found {
		interval = minutes + "m"
	}
	if hours, found := strings.CutSuffix(interval, "h0m"); found {
		interval = hours + "h"
	}
	if r.Interval == time.Second {
		interval = "s"
	}
	return fmt.Sprintf("%d/%s", r.Max, interval)
}

// PerSecond is the rate as calls in a second, 0 for no limit.
func (r Rate) PerSecond() float64 {
	if r.Max == 0 {
		return 0
	}
	return float64(r.Max) / r.Interval.Seconds()
}

func (r Rate) sensible() bool {
	return r.Max >= 1 && r.Max <= mostCalls && r.Interval >= shortInterval && r.Interval <= longInterval
}

// Lowered is the window to keep to when r was asked for and the service told
// its own: the service's interval, with as many calls as both allow.
func (r Rate) Lowered(told Rate) Rate {
	switch {
	case told.Max == 0:
		return r
	case r.Max == 0:
		return told
	}
	calls := float64(r.Max) * (float64(told.Interval) / float64(r.Interval))
	switch {
	case calls >= float64(told.Max):
		return told
	case calls >= 1:
		return Rate{Max: int(calls + 1e-9), Interval: told.Interval}
	default: // less than one call in the service's interval
		return Rate{Max: 1, Interval: time.Duration(float64(r.Interval) / float64(r.Max))}
	}
}

// burst is how many calls may follow each other at once when pauses left some
// over. It must cover what a late timer misses, and the gaps that jitter tears
// between slots (with 1 instead of 10 at 100/10s some percent are lost).
func (r Rate) burst() int {
	tenth := r.Max / 10
	most := max(10, int(r.PerSecond()/5))
	return max(1, min(tenth, most))
}
