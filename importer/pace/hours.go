package pace

import "time"

// hours counts calls of the last 24 hours, and up to an hour more.
type hours struct {
	counts [25]int
	latest int // hour since the lane's start
	total  int
}

func (h *hours) add(now time.Duration, n int) {
	h.roll(now)
	h.counts[h.latest%len(h.counts)] += n
	h.total += n
}

func (h *hours) sum(now time.Duration) int {
	h.roll(now)
	return h.total
}

func (h *hours) roll(now time.Duration) {
	hour := int(now / time.Hour)
	for range min(hour-h.latest, len(h.counts)) {
		h.latest++
		oldest := &h.counts[h.latest%len(h.counts)]
		h.total -= *oldest
		*oldest = 0
	}
	if hour > h.latest { // a longer pause: all of it is zero, wherever it begins
		h.latest = hour
	}
}
