package report

import (
	"fmt"
	"time"
)

// A Forecast says what a run will cost one location.
type Forecast struct {
	Location string
	Requests int64   // calls to make
	Rate     float64 // calls a second, 0 unknown or without limit

	DailyLimit int64     // calls a day of which this run may use all, 0 unknown
	DailyLeft  int64     // how many of them are left today; below 0 unknown, taken as all
	Reset      time.Time // when the day's quota is full again; zero unknown, taken as a day after From
	From       time.Time // when the run begins
}

// Share is how much quota the run needs, 1 for all of it; below 0
// unknown.
func (f Forecast) Share() float64 {
	if f.DailyLimit <= 0 {
		return -1
	}
	return float64(f.Requests) / float64(f.DailyLimit)
}

// Days is on how many days calls will be made, today included; 0 when nothing
// is to be sent.
func (f Forecast) Days() int64 {
	switch today := f.today(); {
	case f.Requests <= 0:
		return 0
	case f.Requests <= today:
		return 1
	default:
		return 1 + (f.Requests-today+f.perDay()-1)/f.perDay()
	}
}

// Takes is how long the run will last from its beginning, waits for the next
// day's quota included; 0 when the rate is unknown.
func (f Forecast) Takes() time.Duration {
	days := f.Days()
	if f.Rate <= 0 || days == 0 {
		return 0
	}
	if days == 1 {
		return f.sending(f.Requests)
	}
	last := f.Requests - f.today() - (days-2)*f.perDay()
	return f.untilReset() + time.Duration(days-2)*day + f.sending(last)
}

// Finish is when the run will be done; zero when that is unknown.
func (f Forecast) Finish() time.Time {
	if takes := f.Takes(); takes > 0 && !f.From.IsZero() {
		return f.From.Add(takes)
	}
	return time.Time{}
}

// left is what the quota allows today.
func (f Forecast) left() int64 {
	if f.DailyLeft < 0 || f.DailyLeft > f.DailyLimit {
		return f.DailyLimit
	}
	return f.DailyLeft
}

// today is how many calls today has room for: at a low pace the day may be
// too short for its quota.
func (f Forecast) today() int64 {
	if f.DailyLimit <= 0 {
		return f.Requests
	}
	return f.within(f.left(), f.untilReset())
}

// perDay is how many calls a whole day has room for, at least one.
func (f Forecast) perDay() int64 { return max(1, f.within(f.DailyLimit, day)) }

func (f Forecast) within(quota int64, span time.Duration) int64 {
	if f.Rate <= 0 {
		return quota
	}
	return min(quota, int64(f.Rate*span.Seconds()))
}

func (f Forecast) untilReset() time.Duration {
	if f.Reset.After(f.From) {
		return f.Reset.Sub(f.From)
	}
	return day
}

func (f Forecast) sending(requests int64) time.Duration {
	return time.Duration(float64(requests) / f.Rate * float64(time.Second))
}

// text is the forecast as a clause of the plan's sentence.
func (f Forecast) text() string {
	text := "at full speed"
	if takes := f.Takes(); takes > 0 {
		text = fmt.Sprintf("at %s about %s", Rate(f.Rate), Duration(takes))
	}
	switch {
	case f.DailyLimit <= 0:
		return text
	case f.Days() <= 1:
		return text + ", " + Percent(f.Share()) + " of today's quota"
	}
	text += fmt.Sprintf(", over %s", Count(f.Days(), "day", "days"))
	if f.left() < f.DailyLimit {
		text += fmt.Sprintf(": today's quota has %s of %s left", Number(f.left()), Number(f.DailyLimit))
	} else {
		text += fmt.Sprintf(": the quota is %s a day", Number(f.DailyLimit))
	}
	if finish := f.Finish(); !finish.IsZero() {
		text += ", done about " + moment(finish, f.From)
	}
	return text
}

// forecastTable has one line a location, those that take longest first.
func forecastTable(forecasts []Forecast) *Table {
	t := &Table{Columns: []Column{
		{Name: "location", Fixed: true}, {Name: "requests", Right: true}, {Name: "quota", Right: true},
		{Name: "days", Right: true}, {Name: "done about"},
	}}
	for _, f := range forecasts {
		share, finish := "?", "?"
		if f.Share() >= 0 {
			share = Percent(f.Share())
		}
		if at := f.Finish(); !at.IsZero() {
			finish = moment(at, f.From)
		}
		t.Add(f.Location, Number(f.Requests), share, Number(f.Days()), finish)
	}
	return t
}
