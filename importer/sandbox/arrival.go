package sandbox

// arrivals are the requests of the last interval, oldest first: exact, one entry
// each, in a circle that grows when it is full.
type arrivals struct {
	at     []int64 // nanoseconds, shifted left by two, and the two marks
	head   int
	n      int
	ours   int // came over the wire
	used   int // count against the limit
	passed int // both: ours, and counting
}

const (
	markUsed = 1
	markOurs = 2
)

// push adds an arrival at t, which must not be before the last one.
func (a *arrivals) push(t int64, used, ours bool) {
	if a.n == len(a.at) {
		a.grow()
	}
	e := t << 2
	if used {
		e |= markUsed
	}
	if ours {
		e |= markOurs
	}
	a.at[(a.head+a.n)%len(a.at)] = e
	a.n++
	a.add(e, 1)
}

// drop forgets every arrival at or before t: a window reaches from just after
// its beginning to its end, so two arrivals one interval apart do not share one.
func (a *arrivals) drop(t int64) {
	for a.n > 0 && a.at[a.head]>>2 <= t {
		a.add(a.at[a.head], -1)
		a.head = (a.head + 1) % len(a.at)
		a.n--
	}
}

// oldestUsed is when the first of those came that count against the limit.
func (a *arrivals) oldestUsed() int64 {
	for i := range a.n {
		if e := a.at[(a.head+i)%len(a.at)]; e&markUsed != 0 {
			return e >> 2
		}
	}
	return 0
}

func (a *arrivals) add(e int64, by int) {
	switch {
	case e&markUsed != 0 && e&markOurs != 0:
		a.used += by
		a.ours += by
		a.passed += by
	case e&markUsed != 0:
		a.used += by
	case e&markOurs != 0:
		a.ours += by
	}
}

func (a *arrivals) grow() {
	bigger := make([]int64, max(16, 2*len(a.at)))
	n := copy(bigger, a.at[a.head:])
	copy(bigger[n:], a.at[:a.head])
	a.at, a.head = bigger, 0
}
