package report

import (
	"fmt"
	"time"
)

const day = 24 * time.Hour

// Duration writes a length of time as people say it, in its two largest units:
// "0.4 s", "45 s", "3 min 10 s", "3 h 22 min", "2 d 4 h".
func Duration(d time.Duration) string {
	switch {
	case d <= 0:
		return "0 s"
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 59500*time.Millisecond:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour-500*time.Millisecond:
		return units(d.Round(time.Second), time.Minute, time.Second, "min", "s")
	case d < day-30*time.Second:
		return units(d.Round(time.Minute), time.Hour, time.Minute, "h", "min")
	}
	return units(d.Round(time.Hour), day, time.Hour, "d", "h")
}

func units(d, large, small time.Duration, largeName, smallName string) string {
	if rest := d % large / small; rest != 0 {
		return fmt.Sprintf("%s %s %d %s", Number(int64(d/large)), largeName, rest, smallName)
	}
	return fmt.Sprintf("%s %s", Number(int64(d/large)), largeName)
}

// moment writes when something will be: the time today, with its day otherwise.
func moment(at, now time.Time) string {
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04")
	}
	return at.Format("2 Jan 15:04")
}
