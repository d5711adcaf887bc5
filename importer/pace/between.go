package pace

import (
	"fmt"
	"strings"
	"time"
)

// Between is a window of the day in which sending is allowed, by the clock on
// the wall. It includes its first minute and excludes its last; it goes across
// midnight when it ends before it begins. The zero value is always open.
type Between struct {
	from, to int // minutes since midnight
}

const dayMinutes = 24 * 60

// ParseBetween reads "22:00-06:00".
func ParseBetween(text string) (Between, error) {
	from, to, found := strings.Cut(strings.TrimSpace(text), "-")
	if !found {
		return Between{}, fmt.Errorf("window %q: want two times of day like 22:00-06:00", text)
	}
	var b Between
	var err error
	if b.from, err = parseMinute(from); err != nil {
		return Between{}, fmt.Errorf("window %q: %w", text, err)
	}
	if b.to, err = parseMinute(to); err != nil {
		return Between{}, fmt.Errorf("window %q: %w", text, err)
	}
	if b.from == dayMinutes || b.from == b.to {
		return Between{}, fmt.Errorf("window %q is empty; 00:00-24:00 is the whole day", text)
	}
	return b, nil
}

func parseMinute(text string) (int, error) {
	text = strings.TrimSpace(text)
	if text == "24:00" {
		return dayMinutes, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is no time of day like 06:00", text)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// String writes the window as ParseBetween reads it.
func (b Between) String() string {
	if b == (Between{}) {
		return "00:00-24:00"
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", b.from/60, b.from%60, b.to/60, b.to%60)
}

// Open reports whether sending is allowed at t, by the wall clock of t's zone.
// An hour that the clock shows twice counts twice.
func (b Between) Open(t time.Time) bool {
	minute := t.Hour()*60 + t.Minute()
	switch {
	case b.from == b.to:
		return true
	case b.from < b.to:
		return minute >= b.from && minute < b.to
	}
	return minute >= b.from || minute < b.to
}

// Opens is the first time from t on at which the window is open.
func (b Between) Opens(t time.Time) time.Time { return b.next(t, true) }

// Closes is the first time from t on at which the window is closed; zero when it
// never is.
func (b Between) Closes(t time.Time) time.Time { return b.next(t, false) }

// next walks minute by minute: no rule about changing clocks is needed, and none
// can be wrong. A window inside an hour that the clock leaves out is found the
// day after.
func (b Between) next(t time.Time, open bool) time.Time {
	for range 3 * dayMinutes {
		if b.Open(t) == open {
			return t
		}
		t = t.Add(time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	}
	return time.Time{}
}
