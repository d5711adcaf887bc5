package pace

import "time"

const peakParts = 8

// peak is the highest of the numbers seen in a span of time, to within an
// eighth of the span. It counts a number for the span at least.
type peak struct {
	parts [peakParts + 1]struct {
		number int64 // which eighth of a span since the lane's start, plus one
		high   int
	}
}

// see counts a number seen now.
func (p *peak) see(now, span time.Duration, v int) {
	number := int64(now/(span/peakParts)) + 1
	part := &p.parts[number%(peakParts+1)]
	if part.number != number {
		part.number, part.high = number, v
	}
	part.high = max(part.high, v)
}

// high is the highest number of the span that ends now; 0 when there is none.
func (p *peak) high(now, span time.Duration) int {
	high, oldest := 0, int64(now/(span/peakParts))+1-peakParts
	for i := range p.parts {
		if part := &p.parts[i]; part.number >= oldest {
			high = max(high, part.high)
		}
	}
	return high
}
