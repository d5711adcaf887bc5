package cli

import (
	"context"
	"fmt"
	"time"

	"relink/checkpoint"
	"relink/importer/pace"
	"relink/importer/report"
)

// An outlook is what a forecast goes by: what was asked for, and what is known
// of each location from earlier runs. It needs no call to the service.
type outlook struct {
	rate           pace.Rate
	limit, reserve int // of the day; a limit of 0: none of our own
	known          map[string]checkpoint.Allowance
	spent          map[string]int64 // calls of the last 24 hours
}

// outlook looks into the ledger for what earlier runs were told; with none (nil)
// the flags are all that is known.
func (s *sending) outlook(ctx context.Context, ledger *checkpoint.Store) (outlook, error) {
	o := outlook{
		rate: s.rate, limit: s.dailyLimit, reserve: s.dailyReserve,
		known: map[string]checkpoint.Allowance{}, spent: map[string]int64{},
	}
	if ledger == nil {
		return o, nil
	}
	allowances, err := ledger.Allowances(ctx)
	if err != nil {
		return o, err
	}
	spent, err := ledger.SpentToday(ctx)
	if err != nil {
		return o, err
	}
	for lane, a := range allowances {
		o.known[a.Location] = a
		o.spent[a.Location] = spent[lane]
	}
	return o, nil
}

// forecast says what so many calls to a location will cost.
func (o outlook) forecast(location string, requests int64, now time.Time) report.Forecast {
	a := o.known[location]
	f := report.Forecast{
		Location: location, Requests: requests, From: now, DailyLeft: -1,
		Rate: o.rate.Lowered(pace.Rate{Max: a.Max, Interval: a.Interval}).PerSecond(),
	}
	limit, left := int64(a.DailyLimit), int64(-1)
	switch {
	case limit == 0: // nobody told: our own count of the last 24 hours
		limit = int64(o.limit)
		left = max(0, limit-o.spent[location])
	case a.DailyReset.After(now):
		left, f.Reset = int64(a.DailyRemaining), a.DailyReset
	case a.DailyReset.IsZero() && a.Age < 24*time.Hour:
		left = int64(a.DailyRemaining)
	}
	if limit <= int64(o.reserve) {
		return f
	}
	f.DailyLimit = limit - int64(o.reserve)
	if left >= 0 {
		f.DailyLeft = max(0, left-int64(o.reserve))
	}
	return f
}

// quotaSpent says in words what the day's quota is, now that it has stopped a lane,
// and when the next run makes sense.
func quotaSpent(l *pace.Lane, s *sending) string {
	left := ""
	if s.dailyReserve > 0 {
		left = fmt.Sprintf("the %s calls of --daily-reserve are left to others; ", report.Number(int64(s.dailyReserve)))
	}
	if l.Trail().DailyRemaining < 0 {
		return left + fmt.Sprintf("by relink's own count of the last 24 hours, against --daily-limit %s: run again later, calls of a day ago drop out hour by hour",
			report.Number(int64(s.dailyLimit)))
	}
	if reset := l.Reset(); !reset.IsZero() {
		return left + fmt.Sprintf("it is full again at %s, in %s: run again then",
			reset.Local().Round(time.Minute).Format("2006-01-02 15:04 MST"), report.Duration(time.Until(reset)))
	}
	return left + "the service did not tell when it is full again: run again tomorrow"
}
