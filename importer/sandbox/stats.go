package sandbox

import (
	"strconv"
	"sync"
)

// Stats is what the sandbox saw since it started or was reset. Requests under
// /_sandbox/ are not among it.
type Stats struct {
	Requests  int            `json:"requests"`
	Status    map[string]int `json:"by_status"` // "201", …; "cut": no answer was given; "gone": nobody waited for it
	Endpoints map[string]int `json:"by_endpoint"`
	Faults    map[string]int `json:"by_fault"` // those played

	Relations   int `json:"relations"` // there now, each pair once
	Created     int `json:"created"`
	Deleted     int `json:"deleted"`
	Sends       int `json:"sends"`        // well-formed creates that passed credentials and limits
	RepeatSends int `json:"repeat_sends"` // those of a pair that was there already
	MaxSends    int `json:"max_sends"`    // of one pair

	Throttled    int `json:"throttled"` // by the limits, not by a fault
	MostInFlight int `json:"most_in_flight"`
	MostArrivals int `json:"most_arrivals"` // in any interval, at one location
	MostPassed   int `json:"most_passed"`   // of those, let through by the limits
	MostFixed    int `json:"most_in_fixed_window"`

	Locations map[string]LocationStats `json:"by_location"` // "": the request named none
}

// LocationStats is the part of one location.
type LocationStats struct {
	Requests     int `json:"requests"`
	Relations    int `json:"relations"`
	Throttled    int `json:"throttled"`
	MostArrivals int `json:"most_arrivals"`
	MostPassed   int `json:"most_passed"`
	MostFixed    int `json:"most_in_fixed_window"`
	SpentToday   int `json:"spent_today"`
}

// Not an HTTP status: what became of a request without an answer.
const (
	statusCut  = 0
	statusGone = 1
)

// tally counts requests as they come and go.
type tally struct {
	mu       sync.Mutex
	requests int
	inFlight int
	most     int
	status   [600]int
	ends     [endCount]int
	faults   [faultCount]int
}

func (t *tally) enter() {
	t.mu.Lock()
	t.requests++
	t.inFlight++
	t.most = max(t.most, t.inFlight)
	t.mu.Unlock()
}

func (t *tally) leave(c call, status int, f fault) {
	t.mu.Lock()
	t.inFlight--
	t.status[status]++
	t.ends[c.end]++
	t.faults[f]++
	t.mu.Unlock()
}

// reset forgets all but the requests that are under way.
func (t *tally) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests, t.most = 0, t.inFlight
	t.status, t.ends, t.faults = [600]int{}, [endCount]int{}, [faultCount]int{}
}

func (t *tally) read(s *Stats) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Requests, s.MostInFlight = t.requests, t.most
	s.Status, s.Endpoints, s.Faults = map[string]int{}, map[string]int{}, map[string]int{}
	for code, n := range t.status {
		if n > 0 {
			s.Status[statusName(code)] = n
		}
	}
	for i, n := range t.ends {
		if n > 0 {
			s.Endpoints[endNames[i]] = n
		}
	}
	for i, n := range t.faults {
		if n > 0 && fault(i) != faultNone {
			s.Faults[faultNames[i]] = n
		}
	}
}

func statusName(code int) string {
	switch code {
	case statusCut:
		return "cut"
	case statusGone:
		return "gone"
	}
	return strconv.Itoa(code)
}

// Stats tells what was seen so far.
func (s *Server) Stats() Stats {
	out := Stats{Locations: map[string]LocationStats{}}
	s.seen.read(&out)
	s.buckets.each(func(location string, b *bucket) {
		l := b.stats(s.clock.offset())
		out.Throttled += l.Throttled
		out.MostArrivals = max(out.MostArrivals, l.MostArrivals)
		out.MostPassed = max(out.MostPassed, l.MostPassed)
		out.MostFixed = max(out.MostFixed, l.MostFixed)
		out.Locations[location] = l
	})
	s.store.stats(&out)
	return out
}

func (b *bucket) stats(offset dayOffset) LocationStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := LocationStats{Requests: b.requests, Throttled: b.throttled,
		MostArrivals: b.mostOurs, MostPassed: b.mostUsed, MostFixed: b.mostFixed}
	if b.day == offset.today() {
		l.SpentToday = b.dayUsed
	}
	return l
}

func (s *store) stats(out *Stats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out.Relations = len(s.places) - len(s.gone)
	out.Created, out.Deleted = s.created, s.deleted
	out.Sends, out.RepeatSends, out.MaxSends = s.sends, s.repeats, int(s.mostSends)
	for n, count := range s.byName {
		if count > 0 {
			l := out.Locations[s.names[n]]
			l.Relations = count
			out.Locations[s.names[n]] = l
		}
	}
}
