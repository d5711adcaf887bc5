package importer

import "time"

// leastBatch is how many rows a lane claims at a time at first, and at least.
const leastBatch = 10

// A batch is how many rows a lane claims at a time: about a second's worth of
// what it really sends, whatever it may send. A crash leaves what is claimed in
// doubt, and a fast lane must not wait for its next claim.
type batch struct {
	size  int // now
	limit int // ever
	taken int // rows taken to be sent since the last claim
	last  time.Time
}

func newBatch(limit int) batch { return batch{size: min(leastBatch, limit), limit: limit} }

// claim is how many rows to claim now. They are twice as many as the last time
// if those would be gone within half a second, at the pace since then, and one
// second's worth if they would last for more than two. A few rows taken are no
// pace: the first of a lane are taken at once.
func (b *batch) claim(now time.Time) int {
	passed := now.Sub(b.last)
	if b.taken < (b.size+1)/2 && passed < 2*time.Second {
		return b.size
	}
	if !b.last.IsZero() {
		lasts := passed.Seconds() * float64(b.size) / float64(b.taken) // none taken: for ever
		switch {
		case lasts < 0.5:
			b.size = min(2*b.size, b.limit)
		case lasts > 2:
			b.size = max(int(float64(b.size)/lasts), min(leastBatch, b.limit))
		}
	}
	b.last, b.taken = now, 0
	return b.size
}
