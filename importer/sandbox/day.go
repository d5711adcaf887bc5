package sandbox

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"
)

// dayOffset is how far the sandbox's calendar runs ahead of the true one.
type dayOffset time.Duration

func (o dayOffset) today() int64 {
	day, _ := dayOf(time.Now().Add(time.Duration(o)))
	return day
}

// clock is the calendar by which days end and tokens expire. The burst limit
// always runs on true time.
type clock struct{ ahead atomic.Int64 }

func (c *clock) offset() dayOffset       { return dayOffset(c.ahead.Load()) }
func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.offset())) }
func (c *clock) set(d time.Duration)     { c.ahead.Store(int64(d)) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// buckets are the allowances by location, made when first needed.
type buckets struct {
	config Config
	mu     sync.RWMutex
	by     map[string]*bucket
	spent  map[string]spentDay // kept from an earlier process
}

// spentDay is how much of a day a location has used.
type spentDay struct {
	Day  int64 `json:"day"`
	Used int   `json:"used"`
}

// keptDay is what a folder keeps of it.
type keptDay struct {
	Ahead time.Duration       `json:"ahead"`
	Spent map[string]spentDay `json:"spent"`
}

func (b *buckets) of(location string) *bucket {
	b.mu.RLock()
	found := b.by[location]
	b.mu.RUnlock()
	if found != nil {
		return found
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by[location] == nil {
		limit := b.config.Limits[location].or(b.config.Limit)
		fresh := newBucket(limit, b.config.Window, b.config.Others, time.Now())
		fresh.day, fresh.dayUsed = b.spent[location].Day, b.spent[location].Used
		b.by[location] = fresh
	}
	return b.by[location]
}

func (b *buckets) each(f func(string, *bucket)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for location, bucket := range b.by {
		f(location, bucket)
	}
}

func (b *buckets) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.by, b.spent = map[string]*bucket{}, nil
}

// used is what every location has spent of its day, also those that only an
// earlier process has seen.
func (b *buckets) used() map[string]spentDay {
	out := map[string]spentDay{}
	b.mu.RLock()
	for location, day := range b.spent {
		out[location] = day
	}
	b.mu.RUnlock()
	b.each(func(location string, one *bucket) {
		one.mu.Lock()
		out[location] = spentDay{one.day, one.dayUsed}
		one.mu.Unlock()
	})
	return out
}

const dayFile = "day.json"

// loadDay takes up the calendar and the spent quota of an earlier process.
func (s *Server) loadDay() error {
	b, err := s.folder.read(dayFile)
	if err != nil || b == nil {
		return err
	}
	var kept keptDay
	if err := json.Unmarshal(b, &kept); err != nil {
		return err
	}
	s.clock.set(kept.Ahead + s.config.Offset)
	s.buckets.spent = kept.Spent
	return nil
}

func (s *Server) saveDay() error {
	b, err := json.Marshal(keptDay{time.Duration(s.clock.offset()) - s.config.Offset, s.buckets.used()})
	if err != nil {
		return err
	}
	return s.folder.replace(dayFile, b)
}

// keepDay saves it now and then, until the server closes.
func (s *Server) keepDay() {
	defer close(s.kept)
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-tick.C:
			_ = s.saveDay() // the next one may succeed; Close tells of the last
		}
	}
}
