package pace

import "time"

// Stats is what a lane does just now, for the progress line and the summary.
type Stats struct {
	Window    Rate          // what is kept to; the zero value is no limit
	Pace      float64       // part of it that is used up to since a 429, 1 normally
	Share     float64       // part of the window that our calls of the last interval took
	Others    int           // places of the window that others take
	Throttled int           // 429s
	Held      time.Duration // time spent holding because of them, and still to spend
	HeldUntil time.Time     // zero when nothing is held
	InFlight  int

	HasDaily       bool
	DailyRemaining int // calls that may still start today, the reserve left out
}

// Stats tells how the lane stands.
func (l *Lane) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, interval := l.now(), l.interval()
	stats := Stats{
		Window:    l.window,
		Pace:      l.brake.pace(now),
		Throttled: l.brake.throttled,
		Held:      l.brake.held,
		InFlight:  l.slots.inFlight,
	}
	if now < l.brake.until {
		stats.HeldUntil = l.began.Add(l.brake.until)
	}
	if l.window.Max > 0 {
		l.slots.free(now - interval - interval/guard)
		stats.Share = float64(l.slots.held()) / float64(l.window.Max)
		stats.Others = l.others.used(now, interval)
	}
	stats.DailyRemaining, stats.HasDaily = l.day.left(now)
	return stats
}
